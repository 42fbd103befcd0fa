/** Decides when a report of one session is stored and sent, and handles the outcome. */
import type { Cancel, Clock } from "./clock";
import type { Problem } from "./http";
import { randomId } from "./ids";
import type { Outbox } from "./outbox";
import type { Playback } from "./playback";
import type { ReadableStore } from "./readable-store";
import { type Report, type ReportKind, toReport } from "./report";
import type { Sample, Signal } from "./sampler";
import type { Transport } from "./transport";
import type { TrackerView } from "./view";

/** Of media or clock, whichever is sooner. */
const HEARTBEAT_SECONDS = 10;
/** With the quarter of a second between two samples, the local copy is at most 1 s of media old. */
const SAVE_SECONDS = 0.75;
/** Up to this rate the browser's own events are frequent enough for that. */
const FASTEST_WITHOUT_TIMER = 1.5;
/** A little over the service's one report a second, because network delays vary. */
export const MIN_GAP_SECONDS = 1.05;
/** The learner may not report this video now, but perhaps again tomorrow. */
const MAY_PASS = [403, 404];

export interface ReporterOptions {
  videoId: string;
  /** Names this browser; it must stay the same between visits. */
  deviceId: string;
  transport: Transport;
  /** Stores every report before it is sent, so that none is lost with its page. */
  outbox?: Outbox;
  onStored?: (report: Report) => void;
  /** The service rejects the report; sending it again would not help. */
  onRejected?: (problem: Problem) => void;
  /** The token is not accepted. Resolve to true when a fresh one is in place. */
  onUnauthenticated?: () => Promise<boolean>;
}

export interface Reporter {
  readonly sessionId: string;
  /** Observe the element, then save or send what is due. */
  handle(signal: Signal): void;
  /** Send what is new, as soon as the one-second rule allows. */
  reportNow(kind?: ReportKind): void;
  /** Send what is left. Resolves when it is acknowledged, or has to be sent later. */
  close(): Promise<void> | undefined;
}

/** @param observe updates `playback` and `view`; null while no media is loaded */
export function createReporter(
  options: ReporterOptions,
  clock: Clock,
  playback: Playback,
  view: ReadableStore<TrackerView>,
  observe: (signal?: Signal) => Sample | null,
): Reporter {
  const { outbox, transport, videoId, deviceId } = options;
  const sessionId = randomId();
  let kind: ReportKind;
  let notBeforeMs = 0;
  let cancelSend: Cancel | undefined;
  let cancelTick: Cancel | undefined;
  /** Media seconds played when the last report was due, and when the last one was saved. */
  let reportedSeconds = 0;
  let savedSeconds = 0;

  function reportNow(nextKind: ReportKind = "flush"): void {
    if (!playback.hasNews) return;
    kind = nextKind;
    playback.playingSeconds = 0;
    reportedSeconds = playback.playedSeconds;
    save(kind);
    cancelSend?.();
    const waitMs = notBeforeMs - clock.steadyMs();
    if (waitMs > 0) cancelSend = clock.after(waitMs / 1000, send);
    else void send();
  }

  /** Put what is new into the outbox, where a killed browser cannot lose it. */
  function save(kind: ReportKind = "heartbeat"): Report | null {
    const names = { kind, device_id: deviceId, session_id: sessionId };
    const report = toReport(playback, view.state.durationSeconds, names);
    if (report) {
      savedSeconds = playback.playedSeconds;
      outbox?.put(sessionId, videoId, report);
    }
    return report;
  }

  function saveByTimer(sample: Sample | null): void {
    cancelTick?.();
    if (!sample?.isPlaying || sample.rate <= FASTEST_WITHOUT_TIMER) return;
    cancelTick = clock.after(SAVE_SECONDS / sample.rate, () => {
      saveByTimer(observe());
      save();
    });
  }

  /** Always send the newest state, so that no queue is needed. */
  async function send(): Promise<void> {
    observe();
    const report = save(kind);
    if (!report) return;
    playback.hasNews = false;
    holdBack(MIN_GAP_SECONDS);
    const outcome = await transport.send(videoId, report);
    if (outcome.status === "stored") {
      outbox?.acknowledge(sessionId, report, true);
      options.onStored?.(report);
    } else if (outcome.status === "rejected") {
      const { problem } = outcome;
      if (MAY_PASS.includes(problem.httpStatus)) outbox?.defer(sessionId);
      else outbox?.acknowledge(sessionId, report, false);
      options.onRejected?.(problem);
    } else {
      // The outbox sends it again; without one, the next report has it.
      playback.hasNews ||= !outbox;
      holdBack(outcome.retryAfterSeconds ?? 0);
      outbox?.defer(sessionId, outcome);
      if (outcome.status === "unauthenticated" && (await options.onUnauthenticated?.())) {
        void outbox?.drain();
      }
    }
  }

  function holdBack(seconds: number): void {
    notBeforeMs = Math.max(notBeforeMs, clock.steadyMs() + seconds * 1000);
  }

  return {
    sessionId,
    handle(signal) {
      const sample = observe(signal);
      saveByTimer(sample);
      if (signal === "pagehide") {
        const report = save("flush");
        outbox?.flushOnPageHide(sessionId, !!report);
        kind = "flush";
        if (outbox) playback.hasNews = false;
        else void send();
      }
      if (signal === "ended" || (signal === "pause" && !sample?.isSeeking)) reportNow(signal);
      if (signal === "hidden") reportNow();
      const { playingSeconds, playedSeconds } = playback;
      if (Math.max(playingSeconds, playedSeconds - reportedSeconds) >= HEARTBEAT_SECONDS) {
        reportNow("heartbeat");
      }
      if (signal === "seeking" || signal === "error") save("seek");
      else if (playedSeconds - savedSeconds >= SAVE_SECONDS) save();
    },
    reportNow,
    close() {
      cancelTick?.();
      if (outbox) {
        save("flush");
        playback.hasNews = false;
        cancelSend?.();
      } else reportNow();
      return outbox?.close(sessionId);
    },
  };
}
