/** Names that the page and its service worker share. */

/** The cache of downloaded videos. */
export const DOWNLOADED_VIDEOS = "kept-videos";
/** The message that activates a waiting version. */
export const USE_NEW_VERSION = "use-new-version";
