/** The page "Your data", for learners: loaded when one of them opens it. */
import { lazy, Suspense, useEffect } from "react";
import { Notice } from "../components/Notice";
import { Skeleton } from "../components/Skeleton";
import { useService } from "../lib/api/service";
import { strings } from "../strings";
import { NotFoundPage } from "./NotFoundPage";

const YourDataPage = lazy(() =>
  import("../features/your-data/YourDataPage").then(
    ({ YourDataPage }) => ({ default: YourDataPage }),
    () => ({ default: YourDataNotLoaded }),
  ),
);

export function YourDataRoute() {
  const { isPreview } = useService();
  // The link that was pressed may be far above.
  useEffect(() => {
    window.scrollTo(0, 0);
  }, []);
  if (isPreview) return <NotFoundPage />;
  return (
    <Suspense fallback={<Skeleton height="20rem" />}>
      <YourDataPage />
    </Suspense>
  );
}

function YourDataNotLoaded() {
  return <Notice text={strings.yourData.notLoaded} onRetry={() => location.reload()} />;
}
