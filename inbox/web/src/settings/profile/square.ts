/** Pixels; the largest that it is drawn at, on the sharpest screens. */
const SIDE = 256;

/** The middle of a picture as a small square, which is all that is ever shown of it. */
export async function square(file: File): Promise<File> {
  const picture = await createImageBitmap(file);
  const side = Math.min(picture.width, picture.height);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  const [left, top] = [(picture.width - side) / 2, (picture.height - side) / 2];
  canvas.getContext("2d")!.drawImage(picture, left, top, side, side, 0, 0, SIDE, SIDE);
  picture.close();
  const small = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/webp", 0.9));
  if (!small) throw new Error("this browser cannot make a picture");
  return new File([small], "picture", { type: small.type });
}
