export { AlertingPage } from "./alerting-page";
