import { createFileRoute } from "@tanstack/react-router";
import { ApiKeysPage } from "@/features/settings";

export const Route = createFileRoute("/_app/settings/api-keys")({
  staticData: { title: "API keys" },
  component: ApiKeysPage,
});
