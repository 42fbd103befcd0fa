/** Every text of the analytics pages. Apart from `strings.ts`, so that learners do not download them. */

const learners = (count: number) => (count === 1 ? "1 learner" : `${count} learners`);

/** “Recursion” in a sentence, if there is a chapter. */
const inChapter = (chapter: string | null) => (chapter ? `, in “${chapter}”` : "");

export const analyticsStrings = {
  title: (name: string) => `Analytics: ${name} · Progress`,
  heading: "Analytics",
  loading: "Loading the analytics",
  toCourse: "See the course as its learners do",
  toOverview: "All videos of the course",
  nothing: "–",
  atMostShare: "< 5 %",
  atLeastShare: "> 95 %",
  minutes: (minutes: number) => `${minutes} min`,
  hours: (hours: number, minutes: number) => `${hours} h ${minutes} min`,

  cohort: {
    label: "Group of learners",
    everyone: "All learners",
    of: (week: number, year: number) => `Enrolled in week ${week} of ${year}`,
  },
  release: {
    asOf: (time: string) => `As of ${time}.`,
    exact: "Every number is exact.",
    rounded: (k: number) =>
      `Numbers are rounded to multiples of ${k}, and shares below 5 % or above 95 % are not shown ` +
      `exactly, so that no learner can be singled out. They are computed again when at least ${k} ` +
      "learners have made progress.",
  },
  suppressed: {
    heading: "Too few learners for numbers",
    course: (k: number) =>
      `Fewer than ${k} of these learners have started a video. The numbers appear when ${k} have, ` +
      "so that no learner can be singled out.",
    video: (k: number) =>
      `Fewer than ${k} of these learners have watched this video. The numbers appear when ${k} ` +
      "have, so that no learner can be singled out.",
    row: "Too few viewers",
  },
  empty: {
    nobodyEnrolled: "Nobody is enrolled in this course yet. Enrolled learners appear here.",
    noVideos: "There is no video in this course yet.",
    nobodyWatched: "Nobody has watched this video yet.",
    noCompletions: "Nobody has completed the course yet.",
    fewCompletions: (k: number) => `No day has enough completions: ${k} are needed.`,
  },
  problem: {
    notTeacher:
      "You do not teach this course, so its analytics are not shown. Check the address, or ask one of its teachers.",
    noCourse: "This course does not exist. It may have been removed. Check the address.",
    noVideo: "This video is not in the course. It may have been removed.",
    notReady:
      "The service has no numbers at the moment, or is computing the first ones. The page tries again by itself.",
    unresponsive: "The service does not answer. The page tries again by itself.",
    unreachable:
      "The service cannot be reached. Check your connection. The page tries again by itself.",
    busy: "Too many requests at once. The page tries again by itself.",
    other: "The service did not accept this. Load the page again.",
  },

  course: {
    learners: "Learners",
    enrolled: "Enrolled",
    started: "Started a video",
    completed: "Completed the course",
    week: "The last 7 days",
    active: "Watched a video",
    completedMaterial: "Completed a material",
    ofEnrolled: (share: string) => `${share} of those enrolled`,
    progress: "How far learners are",
    progressLead: "Learners by course progress.",
    progressLabel: (count: number, from: number, to: number) =>
      `Bar chart of learners by course progress. The most, ${learners(count)}, are between ${from} and ${to} %.`,
    days: "Completions per day",
    daysLead: "Learners who completed the course, by date (UTC).",
    daysLabel: (count: number, date: string) =>
      `Bar chart of course completions per day. The most, ${count}, were on ${date}.`,
    latestDays: (days: number) => `The chart shows the latest ${days} days.`,
    videos: "Videos",
    videosLead: "Choose a column to sort by it.",
  },
  columns: {
    video: "Video",
    viewers: "Viewers",
    viewed: "Average viewed",
    completion: "Completion rate",
    dropOff: "Worst drop-off",
    progress: "Course progress",
    learners: "Learners",
    date: "Date",
    part: "Part",
    retention: "Retention",
    first: "First plays",
    replays: "Replays",
    survival: "Still watching",
    exits: "Stopped here",
  },
  worst: (time: string, lost: number) => `${time} (${lost} left)`,

  video: {
    totals: "Totals",
    viewers: "Viewers",
    completed: "Completed it",
    starts: "Starts",
    views: "Views",
    watchTime: "Watch time",
    perView: "Average per view",
    perViewer: "Average per viewer",
    viewed: "Average viewed",
    ofViewers: "Completion rate of viewers",
    ofEnrolled: "Completion rate of those enrolled",
    timeline: "Along the video",
    timelineLead:
      "Retention is the share of viewers who have seen a part. Plays count how often it was played. Choose a mark to go there in the video.",
    retention: "Retention",
    retentionLabel: (start: string, end: string) =>
      `Area chart of retention: ${start} of the viewers have seen the first part, ${end} the last.`,
    plays: "Plays",
    playsLabel: (most: number, time: string) =>
      `Stacked bar chart of first plays and replays. The most plays, ${most}, are at ${time}.`,
    first: "First plays",
    replays: "Replays",
    marks: "Marks on the video",
    dropOffMark: (time: string, lost: number) => `Go to ${time}: ${learners(lost)} left`,
    peakMark: (time: string, replays: number) => `Go to ${time}: ${replays} replays`,
    position: (time: string) => `The video is at ${time}.`,
  },
  points: {
    heading: "Where learners leave and replay",
    none: "No part stands out: learners leave and replay evenly.",
    ofDropOff: (lost: number, viewers: number | null, time: string, chapter: string | null) =>
      `${lost}${viewers === null ? "" : ` of ${viewers}`} learners left at ${time}${inChapter(chapter)}`,
    ofPeak: (replays: number, time: string, chapter: string | null) =>
      `Played again ${replays} times at ${time}${inChapter(chapter)}`,
    dropOff: "Drop-offs",
    peak: "Replays",
  },
  table: {
    show: "Show as a table",
    of: (caption: string) => `Table: ${caption}`,
    csv: "Download CSV",
    csvOf: (table: string) => `Download CSV: ${table}`,
    failed: "The file could not be downloaded. Try again.",
  },
} as const;
