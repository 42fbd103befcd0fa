/** Starts the app. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Router } from "wouter";
import { App } from "./app/App";
import { ROOT_PATH } from "./lib/api/root-path";
import "./styles/tokens.css";
import "./styles/base.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element with the id root");
createRoot(root).render(
  <StrictMode>
    <Router base={ROOT_PATH}>
      <App />
    </Router>
  </StrictMode>,
);
