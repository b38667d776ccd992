/** Longest side of a picture that is sent. */
const LONGEST = 1_920;
/** Smaller files are sent as they are. */
const SMALL = 300_000;

/** Width and height within the longest side. */
export function fitted(width: number, height: number, longest = LONGEST): [number, number] {
  const scale = Math.min(1, longest / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

/** A smaller version of a photo, upright and without its metadata; the file itself if it is no photo or gets no smaller. */
export async function shrink(file: File): Promise<File> {
  if (!/^image\/(jpeg|png|webp|bmp)$/.test(file.type) || file.size < SMALL) return file;
  try {
    const picture = await createImageBitmap(file);
    const [width, height] = fitted(picture.width, picture.height);
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    canvas.getContext("2d")!.drawImage(picture, 0, 0, width, height);
    picture.close();
    // pictures that may be see-through stay so
    const type = file.type === "image/jpeg" || file.type === "image/bmp" ? "image/jpeg" : "image/webp";
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, type, 0.85));
    if (!blob || blob.size >= file.size || blob.type !== type) return file;
    return new File([blob], file.name.replace(/\.\w+$/, "") + (type === "image/jpeg" ? ".jpg" : ".webp"), { type });
  } catch {
    // a picture that this browser cannot read is sent as it is
    return file;
  }
}
