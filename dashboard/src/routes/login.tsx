import { createFileRoute } from "@tanstack/react-router";
import { LoginPage } from "@/features/auth";
import { nextSearch } from "@/lib/search";

export const Route = createFileRoute("/login")({
  staticData: { title: "Sign in" },
  validateSearch: nextSearch,
  component: LoginPage,
});
