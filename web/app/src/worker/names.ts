/** What the page and its service worker must call the same. */

/** The cache of the videos that were kept on request. */
export const KEPT_VIDEOS = "kept-videos";
/** The message that puts a waiting version to work. */
export const USE_NEW_VERSION = "use-new-version";
