/** Every text of the page "Your data". Apart from `strings.ts`, so that it is loaded with that page only. */

const counted = (count: number, one: string, many: string) =>
  `${count} ${count === 1 ? one : many}`;

export const yourDataStrings = {
  title: "Your data · Progress",
  heading: "Your data",
  lead: "What is stored about you here, and what you can do with it.",

  held: {
    heading: "What is stored about you",
    loading: "Counting what is stored about you",
    nothing: "Nothing is stored about you.",
    courses: (count: number) =>
      `${counted(count, "course", "courses")} you are in, with your progress and when you were last active`,
    formerCourses: (count: number) =>
      `${counted(count, "course", "courses")} you have left, with what you had completed`,
    materials: (count: number) =>
      `${counted(count, "video or reading", "videos and readings")}, with where you are, which parts you have seen and when`,
    completed: (count: number) => `${count} of them completed, with the time`,
    visits: (count: number) =>
      `${counted(count, "visit", "visits")} to your videos, with when and what you played`,
    devices: (count: number) =>
      `${counted(count, "device", "devices")}, each with a random name and your last place on it`,
    messages: (count: number) =>
      `${counted(count, "message", "messages")} to other systems of your school about what you completed`,
    statements: (count: number) =>
      `${counted(count, "entry", "entries")} sent to the learning records of your school`,
    preference: "Your choice whether your history is recorded",
    others: (count: number) => `${counted(count, "other entry", "other entries")}`,
    download: "Download all of it",
    downloadHint:
      "One file with everything, as text that other programs can read. Nothing is left out.",
    downloading: "Downloading …",
    downloaded: "The file was saved.",
    broken:
      "The file did not arrive complete, so it was not saved. Check your connection, then try again.",
  },

  history: {
    heading: "History",
    loading: "Loading your choice",
    on: "Your history is on. Your place in each video and what you have seen are stored, so that you can continue on any device.",
    paused:
      "Your history is paused. Only what you complete is stored: no place, no parts, no times. What was stored before stays and is shown.",
    pause: "Pause history",
    resume: "Resume history",
    saved: "Saved.",
  },

  device: {
    heading: "What this browser holds",
    loading: "Reading the storage of this browser",
    nothing: "Nothing but your sign-in.",
    pending: (count: number) =>
      count === 1
        ? "1 report of what you watched is not saved yet"
        : `${count} reports of what you watched are not saved yet`,
    places: (count: number) =>
      `Your place in ${counted(count, "video", "videos")}, to continue without a connection`,
    downloads: (count: number, size: string) =>
      `${counted(count, "downloaded video", "downloaded videos")} (${size})`,
    pages: "Copies of your course pages, to open them without a connection",
    settings: "Your settings of the player and of the lists",
    unknown: "The storage of this browser does not respond, so it is not known what it holds.",
    clear: "Clear this browser",
    clearPending: (count: number) =>
      count === 1
        ? "Clear this browser, and lose 1 report"
        : `Clear this browser, and lose ${count} reports`,
    clearHint: "You stay signed in, and what the service stores about you stays.",
    cleared: "This browser was cleared.",
  },

  erase: {
    heading: "Erase everything",
    lead: "Erase all that is stored about you, here and in this browser.",
    open: "Erase my data",
    consequences: "If you go on:",
    list: [
      "Your place in every video, what you have seen, your visits, devices and everything you completed are erased. So is what was recorded for other systems.",
      "You are no longer in your courses. Your teacher may enrol you again; you then start from the beginning.",
      "This browser, and every other device with this page open, are cleared: downloaded videos too. Other devices are cleared when you next open this page on them.",
      "This cannot be undone. If you want to keep a copy, download it first.",
    ],
    word: "erase",
    confirm: (word: string) => `Type “${word}” to confirm`,
    mismatch: (word: string) => `Type the word “${word}” first, without the quotation marks.`,
    submit: "Erase for good",
    cancel: "Keep my data",
    starting: "Starting …",
    running: "Your data is being erased",
    steps(count: number): string {
      if (count === 0) return "Almost done.";
      return count === 1 ? "1 step is left." : `${count} steps are left.`;
    },
    mayClose: "You may close this page: it goes on by itself.",
    slow: "This takes longer than usual. It goes on by itself, and you can come back later.",
    done: "Your data was erased",
    doneAt: (time: string) => `Finished on ${time}.`,
    afterwards: "Your sign-in is the only thing left in this browser. Sign out to remove that too.",
    failed: "It is not certain that this has begun.",
    notFollowed: "How far it is cannot be read at the moment. It goes on by itself.",
  },
} as const;
