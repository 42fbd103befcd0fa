/** Every text of the interface, except for the analytics pages, whose texts learners do not download. */

function megabytes(bytes: number): string {
  const amount = bytes / 1_000_000;
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} MB`;
}

export const strings = {
  product: "Progress",
  percent: (percent: number) => `${percent} %`,
  signIn: {
    heading: "Pick up where you left off",
    lead: "Your courses remember where you are in every video, on every device.",
    label: "Access token",
    hint: "Paste the token you were given. It stays in this browser until you sign out.",
    submit: "Sign in",
    empty: "Paste your access token first.",
    malformed:
      "This is not an access token. Copy the whole token, from its first to its last character.",
    expired: "This token has expired. Ask for a new one and paste it here.",
    notAccepted:
      "The service does not accept this token. Check that it is the one you were given for this page, or ask for a new one.",
    notForPrograms: {
      text: "This page is for learners and teachers, and this token belongs to a program. To learn, paste a learner's token.",
      link: "What programs can do",
    },
    ended:
      "Your sign-in has ended. Paste a new token to go on; what you watch is kept on this device until then.",
    again: "Sign in again",
  },
  header: {
    skip: "Skip to the content",
    signedInAs: (studentId: string) => `Signed in as ${studentId}`,
    signOut: "Sign out",
  },
  myCourses: {
    title: "My courses · Progress",
    heading: "My courses",
    loading: "Loading your courses",
    all: (count: number) => (count === 1 ? "1 course" : `${count} courses`),
    search: "Search your courses",
    found(count: number): string {
      if (count === 0) return "None of your courses has these words in its title.";
      return count === 1 ? "1 course found" : `${count} courses found`;
    },
    progress: (course: string) => `Progress in ${course}`,
    lastWatched: (ago: string) => `Last watched ${ago}`,
    notBegun: "Not started yet",
    empty: "You are not in a course yet",
    emptyRemedy:
      "As soon as your teacher enrols you in a course, it appears here. If you expected one, ask your teacher.",
  },
  teacher: {
    heading: "Your courses",
    lead: "Open a course to see it as its learners do. Nothing you watch there is recorded.",
    empty: "You do not teach a course yet",
    emptyRemedy:
      "As soon as a course names you as one of its teachers, it appears here. If you expected one, ask whoever manages your courses.",
    materials: (count: number) => (count === 1 ? "1 material" : `${count} materials`),
    analytics: "Analytics",
    analyticsOf: (course: string) => `Analytics of ${course}`,
    analyticsOnly: "Analytics are for the teachers of the course.",
    analyticsLoading: "Loading the analytics",
    analyticsNotLoaded:
      "This page could not be loaded. Check your connection, and use the new version if one is offered.",
    notYours:
      "You do not teach this course, so you cannot see it. Check the address, or ask one of its teachers.",
  },
  course: {
    title: (course: string) => `${course} · Progress`,
    loading: "Loading the course",
    overall: "Course progress",
    done: (completed: number, total: number) => `${completed} of ${total} done`,
    left(seconds: number): string {
      const minutes = Math.ceil(seconds / 60);
      if (minutes < 60) return `${minutes} min of video left`;
      const rest = minutes % 60;
      return `${Math.floor(minutes / 60)} h${rest ? ` ${rest} min` : ""} of video left`;
    },
    allDone: "All done. Great work!",
    preview: "You see this course as its learners do. Nothing you watch here is recorded.",
    modules: "Modules",
    otherModule: "Other materials",
    materials: "Materials",
    materialsOf: (module: string) => `Materials: ${module}`,
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
    unmarked: (title: string) => `${title} is no longer marked as done.`,
    markWaiting: "Waiting for a connection",
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
    missing:
      "This video is not in the course. It may have been removed. Choose another one from the list.",
    noSource:
      "This video has no file yet. Tell your teacher, and choose another one in the meantime.",
    broken: "The video could not be played. Check your connection, then try again.",
    skipIntro: "Skip intro",
    afterThis: "After this video",
    nextUp: "Next up",
    playNext: "Play next",
    openNext: "Go to it",
    replay: "Watch again",
    stay: "Stay in this video",
    courseFinished: "Nothing is left in this course. Great work!",
    onlyThisLeft:
      "Nothing else is left in this course. Watch this video to the end to complete it.",
    startsIn: (seconds: number) =>
      seconds === 1 ? "starts in 1 second" : `starts in ${seconds} seconds`,
    cancelNext: "Cancel",
    large: "Large picture",
    tabTitle: (video: string, course: string) => `${video} · ${course}`,
    paused:
      "Your history is paused: your place is not saved, and only the completion of this video counts.",
    notSaved: (remedy: string) => `Your place in this video is not being saved. ${remedy}`,
  },
  keys: {
    heading: "Keyboard shortcuts",
    close: "Close",
    list: [
      { keys: ["Space", "K"], does: "Play or pause" },
      { keys: ["←", "→"], does: "5 seconds back or forward" },
      { keys: ["J", "L"], does: "10 seconds back or forward" },
      { keys: ["0", "…", "9"], does: "Go to 0 %, 10 % … 90 % of the video" },
      { keys: ["Home", "End"], does: "Go to the start or the end" },
      { keys: ["<", ">"], does: "Slower or faster" },
      { keys: ["↑", "↓"], does: "Louder or quieter" },
      { keys: ["M"], does: "Mute or unmute" },
      { keys: ["C"], does: "Show or hide captions" },
      { keys: ["F"], does: "Enter or leave full screen" },
      { keys: ["T"], does: "Large or normal picture" },
      { keys: ["I"], does: "Picture in picture" },
      { keys: ["Esc"], does: "Close the video" },
      { keys: ["?"], does: "Show these shortcuts" },
    ],
  },
  start: {
    label: "Why the video starts here",
    here: (place: string) => `Goes on at ${place}, where you left off.`,
    rewound: (seconds: number) => `Rewound ${seconds} s to help you find your way back in.`,
    chapter: (number: number, title: string) => `Starts at chapter ${number}, “${title}”.`,
    intro: "Starts after the intro.",
    replay: "You have completed this video, so it starts from the beginning.",
    gap: "Starts at the first part you have not seen.",
    shortened: "This video has been shortened, and your last position is no longer in it.",
    further: "Starts where another of your devices was further on.",
    otherDevice: (ago: string) => `Another of your devices, ${ago}.`,
    thisDevice: (ago: string) => `This device, ${ago}.`,
    goTo: (place: string) => `Go to ${place}`,
    dismiss: "Stay here",
  },
  shelf: {
    heading: "Continue watching",
    reasons: {
      in_progress: "Continue",
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
    playing: (title: string) => `“${title}” is playing on another of your devices.`,
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
    absent:
      "Keep the videos of this course on this device, to watch them on the train or the plane.",
    download: "Keep the videos",
    downloading: (done: number, total: number) => `Keeping ${done} of ${total} …`,
    some: (count: number) =>
      count === 1 ? "1 video is on this device." : `${count} videos are on this device.`,
    size: megabytes,
    downloadOne: (title: string, size: string | null | 0 | "") =>
      size ? `Keep ${title} on this device (${size})` : `Keep ${title} on this device`,
    cancelOne: (title: string) => `Cancel keeping ${title}`,
    removeOne: (title: string) => `Remove ${title} from this device`,
    amount: (loaded: number, total: number | null) =>
      total ? `${megabytes(loaded)} of ${megabytes(total)}` : megabytes(loaded),
    failedOne: "Not kept",
    downloaded: "The videos of this course are on this device.",
    remove: "Remove the videos",
    failed: "Not all videos could be kept. Check your connection and the space on this device.",
  },
  storage: {
    blocked:
      "This browser does not store anything for this page, so nothing works offline and you have to sign in again at each visit. Allow cookies and site data to change that.",
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
    remedy: "Check the address, or go to your courses.",
    link: "Go to my courses",
  },
  rejected: {
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
    retried:
      "the course is not open to you at the moment. What you watched stays on this device and is sent again every day for 30 days. Ask your teacher whether you are enrolled.",
  },
  yourData: {
    link: "Your data",
    notLoaded:
      "This page could not be loaded. Check your connection, and use the new version if one is offered.",
  },
  erased: {
    heading: "Your data was erased",
    text: "All that was stored about you is being erased, and this browser is cleared. If your teacher enrols you in a course again, you start from the beginning.",
    late: "This device still held reports from before your data was erased. They were not saved, and are deleted here too.",
  },
  problem: {
    heading: "That did not work",
    stale: "You see what was known last",
    retry: "Try again",
    dismiss: "Close this message",
    unresponsive:
      "The service does not answer. What you watched is safe. The page tries again by itself.",
    unreachable: "The service cannot be reached. Check your connection, then try again.",
    busy: "Too many requests at once. Wait a moment, then try again.",
    broken:
      "The service has trouble at the moment. What you watched is safe. Try again in a minute.",
    erased:
      "Your data was erased, so nothing is saved. If your teacher enrols you again, load this page again.",
    forbidden:
      "You do not have access to this. Ask your teacher to enrol you, or sign in with another token.",
    missing:
      "This course does not exist. It may have been removed. Check the address, or ask your teacher.",
    other: "The service did not accept this. Try again; if this stays, tell your teacher.",
  },
} as const;
