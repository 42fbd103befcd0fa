/** Reads calls that return a page at a time, to the end. */
import { type CallOutcome, resultOf } from "./errors";

/** What a call with the parameter `after` returns. */
export interface Page {
  /** The `after` of the next page; null on the last one. */
  next: string | null;
}

/**
 * All pages; `read` requests the one that begins after its argument. The next page is requested when
 * the loop asks for it.
 *
 * @throws the errors of `resultOf`
 */
export async function* iteratePages<AnyPage extends Page>(
  read: (after: string | undefined) => Promise<CallOutcome<AnyPage>>,
): AsyncGenerator<AnyPage, void, undefined> {
  let after: string | undefined;
  do {
    const page: AnyPage = await resultOf(read(after));
    yield page;
    after = page.next ?? undefined;
  } while (after !== undefined);
}
