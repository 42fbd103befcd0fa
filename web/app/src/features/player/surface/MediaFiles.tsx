/** The files and text tracks of a video. */
import type { VideoFiles } from "../../../lib/media/sources";
import { strings } from "../../../strings";

interface MediaFilesProps {
  files: VideoFiles;
  onBroken: () => void;
}

export function MediaFiles({ files, onBroken }: MediaFilesProps) {
  const last = files.sources.length - 1;
  return (
    <>
      {files.sources.map(({ address, type }, index) => (
        <source
          key={address}
          src={address}
          type={type}
          // Browsers try one file after another; only the last failure is final.
          onError={index === last ? onBroken : undefined}
        />
      ))}
      {files.captions && (
        <track kind="captions" src={files.captions} srcLang="en" label={strings.player.captions} />
      )}
      {files.chapters && (
        <track
          kind="chapters"
          src={files.chapters}
          srcLang="en"
          label={strings.player.chapters}
          default
        />
      )}
    </>
  );
}
