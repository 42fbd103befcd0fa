/** Stops open players from reporting what they have played before the data of the learner was erased. */
import type { Outcome, TrackerClient } from "progress-service-tracker";

const REJECTED: Outcome = {
  status: "rejected",
  problem: { httpStatus: 409, code: "erased", detail: "" },
};

interface EndableClient {
  client: TrackerClient;
  /** The sessions that are open now store and send nothing more; later ones do. */
  endSessions: () => void;
}

export function withEndableSessions(client: TrackerClient): EndableClient {
  const { outbox, transport } = client;
  const known = new Set<string>();
  const ended = new Set<string>();
  const changed: Pick<TrackerClient["outbox"], "put" | "flushOnPageHide"> = {
    put(sessionId, videoId, report) {
      known.add(sessionId);
      if (!ended.has(sessionId)) outbox.put(sessionId, videoId, report);
    },
    flushOnPageHide: (sessionId, hasNews) =>
      outbox.flushOnPageHide(sessionId, hasNews && !ended.has(sessionId)),
  };
  return {
    client: {
      ...client,
      // Not a copy, which would not follow its state.
      outbox: Object.assign(Object.create(outbox), changed),
      transport: {
        send: async (videoId, report) =>
          ended.has(report.session_id) ? REJECTED : transport.send(videoId, report),
      },
    },
    endSessions() {
      for (const sessionId of known) ended.add(sessionId);
    },
  };
}
