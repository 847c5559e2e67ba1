export { ApiKeysPage } from "./api-keys-page";
export { ProfilePage } from "./profile-page";
