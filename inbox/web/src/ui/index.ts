export { cx } from "./cx";
export { dotTone, softTone, type Tone } from "./tone";
export { Avatar, initials } from "./avatar";
export { Badge, Dot } from "./badge";
export { Banner } from "./banner";
export { Button, IconButton, type ButtonSize, type ButtonVariant } from "./button";
export { ChipsInput } from "./chips-input";
export { Checkbox, RadioGroup, Switch } from "./choice";
export { ColorInput } from "./color-input";
export { Combobox } from "./combobox";
export { useConfirm } from "./confirm";
export { CopyButton, CopyField } from "./copy";
export { columnsOf, DataTable, type Columns } from "./data-table";
export { Dialog, Sheet } from "./dialog";
export { EmptyState } from "./empty-state";
export { Field, FieldError, ReadOnly, useFieldControl, useReadOnly } from "./field";
export { FilterBuilder } from "./filters";
export { fieldOf, FilterRows, isComplete, type FilterField } from "./filter-rows";
export { CheckboxField, Form, FormActions, FormField, messageOf, TextareaField, TextField, useUnsaved } from "./form";
export { Input, Textarea } from "./input";
export { Kbd } from "./kbd";
export {
  formatFilter,
  listQuery,
  parseFilter,
  useListState,
  type Filter,
  type ListState,
  type SetListState,
} from "./list-state";
export {
  Menu,
  MenuCheckbox,
  MenuContent,
  MenuItem,
  MenuLabel,
  MenuRadio,
  MenuRadioGroup,
  MenuSeparator,
  MenuSub,
  MenuSubContent,
  MenuSubTrigger,
  MenuTrigger,
} from "./menu";
export { Popover, PopoverAnchor, PopoverClose, PopoverContent, PopoverTrigger } from "./popover";
export { UiProvider } from "./provider";
export { settle, useSave } from "./saving";
export { SecretInput } from "./secret-input";
export { Select, type Option } from "./select";
export { Skeleton } from "./skeleton";
export { SortableList } from "./sortable";
export { Spinner } from "./spinner";
export { Tab, TabList, TabPanel, Tabs } from "./tabs";
export { useToast, type Toaster } from "./toast";
export { Tooltip } from "./tooltip";
