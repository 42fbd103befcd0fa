/** What is stored about the learner: to see, download, pause and erase it. */
import { useEffect } from "react";
import { Skeleton } from "../../components/Skeleton";
import { yourDataStrings } from "../../your-data-strings";
import { DeviceSection } from "./DeviceSection";
import { EraseSection } from "./EraseSection";
import { ErasureState } from "./ErasureState";
import { HeldSection } from "./HeldSection";
import { HistorySection } from "./HistorySection";
import { useErasure } from "./queries";
import styles from "./YourDataPage.module.css";

export function YourDataPage({ pendingMarks }: { pendingMarks: number }) {
  useEffect(() => {
    document.title = yourDataStrings.title;
  }, []);
  const { data: erasure, isPending, isError } = useErasure();
  // While data is erased, there is nothing to count, to choose or to erase.
  const isErasing = erasure?.state === "erasing";
  return (
    <div className={styles.page}>
      <h1>{yourDataStrings.heading}</h1>
      <p className={styles.lead}>{yourDataStrings.lead}</p>
      {isPending && <Skeleton height="10rem" />}
      {erasure && <ErasureState erasure={erasure} isLost={isError} />}
      {!isPending && !isErasing && (
        <>
          <HeldSection />
          <HistorySection />
        </>
      )}
      <DeviceSection pendingMarks={pendingMarks} />
      {!isPending && !isErasing && <EraseSection key={erasure?.finished_at} />}
    </div>
  );
}
