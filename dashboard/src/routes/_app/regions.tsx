import { createFileRoute } from "@tanstack/react-router";
import { RegionsPage } from "@/features/regions";

export const Route = createFileRoute("/_app/regions")({ staticData: { title: "Regions" }, component: RegionsPage });
