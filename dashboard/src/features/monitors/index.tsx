export { MonitorsPage } from "./monitors-page";
