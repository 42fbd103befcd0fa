/** Downloads a table as CSV: a link could not carry the token. */
import { useState } from "react";
import { type ApiResult, bodyOf } from "../../lib/api/problem";

interface Download {
  isLoading: boolean;
  hasFailed: boolean;
  start: () => void;
}

/** `read` requests the text of the file. */
export function useDownload(fileName: string, read: () => Promise<ApiResult<string>>): Download {
  const [state, setState] = useState<"idle" | "loading" | "failed">("idle");
  const start = async () => {
    setState("loading");
    try {
      saveFile(fileName, await bodyOf(read()));
      setState("idle");
    } catch {
      setState("failed");
    }
  };
  return {
    isLoading: state === "loading",
    hasFailed: state === "failed",
    start: () => void start(),
  };
}

/** Let the browser save `text` as a file. */
function saveFile(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // Safari reads the address after the click has returned.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
