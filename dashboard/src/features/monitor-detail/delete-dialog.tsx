import { useNavigate } from "@tanstack/react-router";
import { useDeleteMonitor } from "@/api/queries/monitors";
import type { Monitor } from "@/api/types";
import { AlertDialog } from "@/ui/alert-dialog";
import { toast } from "@/ui/toast";

interface DeleteDialogProps {
  monitor: Monitor;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function DeleteDialog({ monitor, open, onOpenChange }: DeleteDialogProps) {
  const remove = useDeleteMonitor(monitor.id);
  const navigate = useNavigate();
  const confirm = async () => {
    await remove.mutateAsync();
    toast({ title: `${monitor.name} is deleted` });
    await navigate({ to: "/monitors" });
  };
  return (
    <AlertDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Delete ${monitor.name}?`}
      description="Its checks stop, and its history and incidents are gone for good. To keep them, pause it."
      confirm="Delete monitor"
      danger
      onConfirm={confirm}
    />
  );
}
