// Pictures that WhatsApp would refuse, made so that it takes them: JPEG of at most 5 MB. What may be read in them stays
// readable: they lose size only as far as they must.

const crm = window.crm;
const MOST = 5_000_000;
const LARGEST = 100_000_000;
const SIDES = [4096, 3072, 2560, 2048, 1600];
const QUALITIES = [0.9, 0.8, 0.68];
const STICKER = 512;

const isTaken = (file) => /^image\/(jpeg|png)$/.test(file.type) && file.size <= MOST;

async function shrink(file) {
  if (!/^image\/(jpeg|png|webp|bmp|avif)$/.test(file.type) || isTaken(file) || file.size > LARGEST) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    if (file.type === "image/webp" && picture.width === STICKER && picture.height === STICKER) return file;
    const smaller = await fitting(picture);
    picture.close();
    return smaller ? renamed(smaller, file) : file;
  } catch {
    return file;
  }
}

async function fitting(picture) {
  for (const side of SIDES) {
    const canvas = drawn(picture, Math.min(1, side / Math.max(picture.width, picture.height)));
    for (const quality of QUALITIES) {
      const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
      if (blob && blob.size <= MOST) return blob;
    }
  }
  return null;
}

function drawn(picture, scale) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const pen = canvas.getContext("2d");
  pen.imageSmoothingQuality = "high";
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function renamed(blob, file) {
  const smaller = new File([blob], `${file.name.replace(/\.\w+$/, "")}.jpg`, { type: "image/jpeg", lastModified: file.lastModified });
  smaller.isSmaller = true;
  return smaller;
}

crm.shrink = shrink;
