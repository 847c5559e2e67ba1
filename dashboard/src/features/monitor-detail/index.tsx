export { MonitorPage } from "./monitor-page";
