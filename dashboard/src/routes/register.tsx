import { createFileRoute } from "@tanstack/react-router";
import { RegisterPage } from "@/features/auth";
import { nextSearch } from "@/lib/search";

export const Route = createFileRoute("/register")({
  staticData: { title: "Create an account" },
  validateSearch: nextSearch,
  component: RegisterPage,
});
