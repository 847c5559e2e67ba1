export { RegionsPage } from "./regions-page";
