/** Runs a request that the learner starts with a button. */
import { useRef, useState } from "react";

interface ActionState {
  isRunning: boolean;
  isDone: boolean;
  /** Of the last run; null when there was none. */
  error: unknown;
}

export interface Action<Argument> extends ActionState {
  /** Does nothing while the last run goes on. */
  start: (argument: Argument) => void;
}

const IDLE: ActionState = { isRunning: false, isDone: false, error: null };

export function useAction<Argument>(run: (argument: Argument) => Promise<void>): Action<Argument> {
  const [state, setState] = useState(IDLE);
  const isRunning = useRef(false);
  const start = async (argument: Argument) => {
    if (isRunning.current) return;
    isRunning.current = true;
    setState({ ...IDLE, isRunning: true });
    try {
      await run(argument);
      setState({ ...IDLE, isDone: true });
    } catch (error) {
      setState({ ...IDLE, error });
    }
    isRunning.current = false;
  };
  return { ...state, start: (argument) => void start(argument) };
}
