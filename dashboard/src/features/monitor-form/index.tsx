export { EditMonitorPage } from "./edit-page";
export { NewMonitorPage } from "./new-page";
