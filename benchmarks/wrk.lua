-- Requests by random students for random videos.
-- Arguments: a file with one "student token" pair per line, the number of videos, the kind of call.

local heads, bodies, kind = {}, {}, nil
local DEVICES = {"ipad-1", "phone-2"}
local SESSION = "7d1f3c9e-6f0b-4f5e-9a53-0c2b1f6f8a11"

local PATHS = {
  plain = "POST /api/progress/video/%s/watch-time", rich = "POST /api/progress/video/%s/watch-time",
  status = "GET /api/progress/video/%s/status", batch = "POST /api/progress/videos/batch",
  course = "GET /api/progress/course/benchmark",
}

-- Positions have five characters and are below the threshold, so that all requests cost the same.
local function position() return string.format("%.1f", 100 + math.random() * 350) end

bodies.plain = function()
  return '{"watch_time": ' .. position() .. ', "total_duration": 600}'
end

bodies.rich = function()
  local at = position()
  return '{"watch_time": ' .. at .. ', "total_duration": 600, "kind": "heartbeat", "device_id": "'
    .. DEVICES[math.random(2)] .. '", "session_id": "' .. SESSION .. '", "observed_at": "'
    .. os.date("!%Y-%m-%dT%H:%M:%SZ") .. '", "played": [[0, 60.5], [80, ' .. at
    .. ']], "played_seconds": ' .. at .. '}'
end

local function video_id(number) return string.format("video-%03d", number) end

function init(args)
  local videos = tonumber(args[2])
  kind = args[3]
  math.randomseed(os.time())
  local ids = {}
  for number = 1, videos do ids[number] = '"' .. video_id(number - 1) .. '"' end
  local batch = '{"video_ids": [' .. table.concat(ids, ", ") .. ']}'
  bodies.batch = function() return batch end
  local paths = PATHS[kind]:find("%%s") and videos or 1
  for line in io.lines(args[1]) do
    local token = line:match("%S+ (%S+)")
    for number = 1, paths do
      heads[#heads + 1] = PATHS[kind]:format(video_id(number - 1)) .. " HTTP/1.1\r\nHost: 127.0.0.1"
        .. "\r\nAuthorization: Bearer " .. token .. "\r\n"
    end
  end
end

function request()
  local head = heads[math.random(#heads)]
  if bodies[kind] == nil then return head .. "\r\n" end
  local body = bodies[kind]()
  return head .. "Content-Type: application/json\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

function done(summary, latency, requests)
  local failed = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %.6f, "failed": %d, "median_ms": %.4f, "p99_ms": %.4f}\n',
    summary.requests, summary.duration / 1e6,
    failed.connect + failed.read + failed.write + failed.status + failed.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
