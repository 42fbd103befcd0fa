/** The page "Your data", for learners: loaded when one of them opens it. */
import { lazy, Suspense, useEffect } from "react";
import { Notice } from "../components/Notice";
import { Skeleton } from "../components/Skeleton";
import { useService } from "../lib/api/service";
import { useMarks } from "../lib/progress/marks";
import { strings } from "../strings";
import { NotFoundPage } from "./NotFoundPage";

const YourDataPages = lazy(() =>
  import("./YourDataPages").catch(() => ({ default: YourDataNotLoaded })),
);

export function YourDataRoute() {
  const { isPreview } = useService();
  const pendingMarks = Object.keys(useMarks().pending).length;
  // The link that was pressed may be far above.
  useEffect(() => {
    window.scrollTo(0, 0);
  }, []);
  if (isPreview) return <NotFoundPage />;
  return (
    <Suspense fallback={<Skeleton height="20rem" />}>
      <YourDataPages pendingMarks={pendingMarks} />
    </Suspense>
  );
}

function YourDataNotLoaded(_: { pendingMarks: number }) {
  return <Notice text={strings.yourData.notLoaded} onRetry={() => location.reload()} />;
}
