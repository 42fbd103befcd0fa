/** Every word a learner reads, in one place. */

export const strings = {
  product: "Progress",
  percent: (percent: number) => `${percent} %`,
  signIn: {
    heading: "Go on where you left off",
    lead: "Your courses remember your place in every video, on every device.",
    label: "Access token",
    hint: "Paste the token you were given. It stays in this browser until you sign out.",
    submit: "Sign in",
    empty: "Paste your access token first.",
    malformed:
      "This is not an access token. Copy the whole token, from its first to its last character.",
    expired: "This token has expired. Ask for a new one and paste it here.",
    notAccepted:
      "The service does not accept this token. Check that it is the one you were given for this page, or ask for a new one.",
    notForYou: {
      teacher: {
        text: "This page is for learners, and this is a teacher's token. There are no charts for teachers here yet, but the service itself gives you the figures of your courses. To see what learners see, paste a learner's token.",
        link: "How to ask for the figures",
      },
      service: {
        text: "This page is for learners, and this is the token of a program. To learn, paste a learner's token.",
        link: "What programs can ask for",
      },
    },
    ended:
      "Your sign-in is no longer valid. Paste a new token to go on; what you watched is saved.",
  },
  header: {
    skip: "Skip to the content",
    signedInAs: (studentId: string) => `Signed in as ${studentId}`,
    signOut: "Sign out",
  },
  course: {
    title: (course: string) => `${course} · Progress`,
    loading: "Loading the course",
    overall: "Course progress",
    done: (completed: number, total: number) => `${completed} of ${total} done`,
    allDone: "All done. Well learned!",
    modules: "Modules",
    otherModule: "More",
    materials: "Materials",
    empty: "There is nothing in this course yet. Your teacher will add materials soon.",
  },
  material: {
    video: "Video",
    reading: "Reading",
    completed: "Completed",
    playing: "Playing",
    opened: "Open",
    watched: (watched: string, total: string) => `${watched} of ${total} watched`,
    progress: (title: string) => `Progress in ${title}`,
    minutesWatched(seconds: number): string {
      const minutes = Math.floor(seconds / 60);
      if (minutes < 1) return "Less than 1 minute watched";
      return minutes === 1 ? "1 minute watched" : `${minutes} minutes watched`;
    },
    play: (title: string) => `Play ${title}`,
    open: "Open",
    mark: "Mark as done",
    unmark: "Mark as not done",
    marked: (title: string) => `${title} is marked as done.`,
    unmarked: (title: string) => `${title} is not marked as done any more.`,
    markFailed: "This could not be saved.",
  },
  player: {
    loading: "Loading the video",
    close: "Close video",
    progress: "Watched so far",
    remaining: (time: string) => `${time} remaining`,
    position: (position: string, total: string) => `${position} of ${total}`,
    completed: "Completed",
    nowCompleted: (title: string) => `${title} is completed.`,
    chapters: "Chapters",
    captions: "English",
    missing: "This video is not in the course, or not any more. Choose another one below.",
    noSource: "This video has no file yet. Tell your teacher; meanwhile choose another one.",
    broken: "The video could not be played. Check your connection, then try again.",
    skipIntro: "Skip intro",
    afterThis: "After this video",
    nextUp: "Next up",
    playNext: "Play next",
    openNext: "Go to it",
    replay: "Watch again",
    stay: "Stay in this video",
    courseFinished: "Nothing is left in this course. Well learned!",
    notSaved: (remedy: string) => `Your place in this video is not being saved. ${remedy}`,
  },
  start: {
    label: "Why the video starts here",
    here: (place: string) => `Goes on at ${place}, where you left.`,
    rewound: (seconds: number) => `Rewound ${seconds} s, to find your way back in.`,
    chapter: (number: number, title: string) => `Starts at chapter ${number}, “${title}”.`,
    intro: "Starts after the intro.",
    replay: "You have completed this video, so it starts again.",
    gap: "Starts at the first part you have not seen.",
    further: "Starts where another of your devices was further on.",
    otherDevice: (ago: string) => `Another of your devices, ${ago}.`,
    thisDevice: (ago: string) => `This device, ${ago}.`,
    goTo: (place: string) => `Go to ${place}`,
    dismiss: "Stay here",
  },
  shelf: {
    heading: "Continue watching",
    reasons: {
      in_progress: "Go on",
      gaps: "Parts you have not seen",
      next_up: "Next up",
      rewatch: "Watch again",
    },
    open: (title: string) => `Continue with ${title}`,
    dismiss: (title: string) => `Take ${title} off this list`,
    dismissed: (title: string) => `${title} is off this list.`,
    undo: "Undo",
    notDismissed: "The list could not be changed.",
  },
  live: {
    label: "On another device",
    playing: (title: string) => `“${title}” plays on another of your devices.`,
    goOn: (place: string) => `Continue on this device from ${place}`,
    dismiss: "Not now",
  },
  sync: {
    label: "Saving",
    synced: "All saved",
    unknown: "Connecting …",
    unreachable: "Not connected",
    saving: "Saving …",
    reportsWaiting: (count: number) => (count === 1 ? "report waiting" : "reports waiting"),
    offline: "Offline",
    offlineWith: (count: number) => `Offline · ${count}`,
    explain: "What you watch is kept on this device and saved when the connection is back.",
  },
  offline: {
    heading: "Watch without a connection",
    away: "Keep the videos of this course on this device, for the train or the plane.",
    keep: "Keep the videos",
    keeping: (done: number, total: number) => `Keeping ${done} of ${total} …`,
    kept: "The videos of this course are on this device.",
    remove: "Remove the videos",
    failed: "Not all videos could be kept. Check your connection and the space on this device.",
  },
  storage: {
    blocked:
      "This browser does not store anything for this page, so nothing works offline and you sign in anew at each visit. Allow cookies and site data to change that.",
    full: "The storage of this browser is full, so watching offline may not work. Free some space on this device.",
    unresponsive:
      "The storage of this browser does not respond, so watching offline may not work. Restart the browser.",
  },
  crash: {
    heading: "This page could not be shown",
    remedy: "Something in it went wrong. What you watched is safe. Load the page again.",
    reload: "Load again",
  },
  update: {
    ready: "A new version of this page is ready.",
    use: "Use it now",
  },
  ago(seconds: number): string {
    const words = (count: number, unit: string) => `${count} ${unit}${count === 1 ? "" : "s"} ago`;
    if (seconds < 60) return "just now";
    if (seconds < 3600) return words(Math.floor(seconds / 60), "minute");
    if (seconds < 86_400) return words(Math.floor(seconds / 3600), "hour");
    return words(Math.floor(seconds / 86_400), "day");
  },
  notFound: {
    heading: "There is nothing at this address",
    remedy: "Check the address, or go to your course.",
    link: "Go to the course",
  },
  refused: {
    heading: "Not all that you watched could be saved",
    line: (title: string, remedy: string) => `“${title}”: ${remedy}`,
    other: "the service did not accept it. Watch it again; if this stays, tell your teacher.",
    remedies: {
      not_enrolled:
        "you are not enrolled in its course any more. Ask your teacher to enrol you, then watch it again.",
      video_not_found:
        "it is not in the course any more. Ask your teacher what to watch in its place.",
    },
    /** It may be accepted later. */
    kept: "the course is not open to you at the moment. What you watched stays on this device and is sent again every day for 30 days. Ask your teacher whether you are enrolled.",
  },
  problem: {
    heading: "That did not work",
    lastKnown: "You see what was known last",
    retry: "Try again",
    dismiss: "Close this message",
    silent:
      "The service does not answer. What you watched is safe. The page tries again by itself.",
    unreachable: "The service cannot be reached. Check your connection, then try again.",
    busy: "Too many requests at once. Wait a moment, then try again.",
    broken:
      "The service has trouble at the moment. What you watched is safe. Try again in a minute.",
    forbidden:
      "This account may not see this. Ask your teacher to enrol you, or sign in with a student's token.",
    missing: "This course does not exist, or not any more. Check the address, or ask your teacher.",
    other: "The service did not accept this. Try again; if this stays, tell your teacher.",
  },
} as const;
