import {
  closestCenter,
  DndContext,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
  type Announcements,
  type DragEndEvent,
} from "@dnd-kit/core";
import {
  arrayMove,
  SortableContext,
  sortableKeyboardCoordinates,
  useSortable,
  verticalListSortingStrategy,
} from "@dnd-kit/sortable";
import { GripVertical } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { cx } from "./cx";

interface SortableListProps<Item> {
  items: Item[];
  id: (item: Item) => string;
  /** Read out when the item is moved. */
  name: (item: Item) => string;
  onReorder: (items: Item[]) => void;
  /** The handle is placed by the row. */
  children: (item: Item, handle: ReactNode, index: number) => ReactNode;
  label: string;
  disabled?: boolean;
  className?: string;
}

/** A list that is put in order by dragging its handles, or by keyboard: Space lifts and drops, arrows move. */
export function SortableList<Item>({
  items,
  id,
  name,
  onReorder,
  children,
  label,
  disabled = false,
  className,
}: SortableListProps<Item>) {
  const { t } = useTranslation("ui");
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const indexOf = (key: unknown) => items.findIndex((item) => id(item) === key);
  const nameOf = (key: unknown) => {
    const item = items[indexOf(key)];
    return item === undefined ? "" : name(item);
  };
  const place = (key: unknown) => ({ place: indexOf(key) + 1, count: items.length });
  const announcements: Announcements = {
    onDragStart: ({ active }) => t("drag_start", { name: nameOf(active.id), ...place(active.id) }),
    onDragOver: ({ active, over }) =>
      over ? t("drag_over", { name: nameOf(active.id), ...place(over.id) }) : undefined,
    onDragEnd: ({ active, over }) => t("drag_end", { name: nameOf(active.id), ...place((over ?? active).id) }),
    onDragCancel: ({ active }) => t("drag_cancel", { name: nameOf(active.id) }),
  };
  const onDragEnd = ({ active, over }: DragEndEvent) => {
    if (!over || active.id === over.id) return;
    onReorder(arrayMove(items, indexOf(active.id), indexOf(over.id)));
  };
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={closestCenter}
      onDragEnd={onDragEnd}
      accessibility={{ announcements, screenReaderInstructions: { draggable: t("drag_instructions") } }}
    >
      <SortableContext items={items.map(id)} strategy={verticalListSortingStrategy} disabled={disabled}>
        <ol aria-label={label} className={className}>
          {items.map((item, index) => (
            <SortableRow
              key={id(item)}
              id={id(item)}
              label={t("drag_handle", { name: name(item) })}
              disabled={disabled}
            >
              {(handle) => children(item, handle, index)}
            </SortableRow>
          ))}
        </ol>
      </SortableContext>
    </DndContext>
  );
}

interface SortableRowProps {
  id: string;
  label: string;
  disabled: boolean;
  children: (handle: ReactNode) => ReactNode;
}

function SortableRow({ id, label, disabled, children }: SortableRowProps) {
  const sortable = useSortable({ id });
  const { transform, transition, isDragging } = sortable;
  const handle = !disabled && (
    <button
      type="button"
      ref={sortable.setActivatorNodeRef}
      {...sortable.attributes}
      {...sortable.listeners}
      aria-label={label}
      className="flex size-8 shrink-0 cursor-grab touch-none items-center justify-center rounded-md text-faint hover:bg-hover hover:text-ink active:cursor-grabbing"
    >
      <GripVertical aria-hidden className="size-4" />
    </button>
  );
  return (
    <li
      ref={sortable.setNodeRef}
      style={{
        transform: transform ? `translate3d(0, ${Math.round(transform.y)}px, 0)` : undefined,
        transition,
      }}
      className={cx("relative", isDragging && "z-10 opacity-90 shadow-pop")}
    >
      {children(handle)}
    </li>
  );
}
