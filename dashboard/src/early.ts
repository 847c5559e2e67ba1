/**
 * The first of our code to run, small enough to be there before the rest: who is signed in and what there is to watch are
 * asked while the program is still on its way.
 */
import { refreshEarly } from "./api/session";
import { readEarly } from "./live/read-all";
import "./styles/app.css";

const isOutside = /^\/(login|register)\b/.test(location.pathname);
if (!isOutside) void refreshEarly().then((token) => token !== null && readEarly());
// One after the other: a page is stuck for as long as one of them takes to begin.
import("react-dom/client")
  .then(() => import("./main"))
  .catch(() => document.getElementById("broken")?.removeAttribute("hidden"));
