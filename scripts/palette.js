// Makes a picture of a page small: 160 colours that can be told apart are enough, and PNG packs those well.
async (encoded) => {
  const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${encoded}`)).blob());
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height).getContext("2d");
  canvas.drawImage(bitmap, 0, 0);
  const pixels = new Uint32Array(canvas.getImageData(0, 0, width, height).data.buffer);

  const times = new Map();
  for (const each of pixels) times.set(each, (times.get(each) || 0) + 1);
  const colours = [...times.keys()].sort((a, b) => times.get(b) - times.get(a) || a - b);
  const apart = (a, b) => [0, 8, 16].reduce((sum, bits) => sum + (((a >> bits) & 255) - ((b >> bits) & 255)) ** 2, 0);
  const palette = [];
  for (const each of colours) {
    const isGround = times.get(each) * 2000 > pixels.length;
    if (palette.length < 160 && (isGround || palette.every((other) => apart(each, other) > 120))) palette.push(each);
  }
  const nearest = (colour) => palette.reduce((best, each, i) => (apart(each, colour) < apart(palette[best], colour) ? i : best), 0);
  const index = new Map(colours.map((colour) => [colour, nearest(colour)]));

  const rows = new Uint8Array((width + 1) * height);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at++) rows[y * (width + 1) + 1 + x] = index.get(pixels[at]);
  const packed = new Response(new Blob([rows]).stream().pipeThrough(new CompressionStream("deflate")));

  const crcs = Uint32Array.from({ length: 256 }, (_, n) => {
    for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n;
  });
  const number = (n) => [n >>> 24, n >>> 16, n >>> 8, n].map((byte) => byte & 255);
  const chunk = (name, bytes) => {
    const body = [...name].map((letter) => letter.charCodeAt(0)).concat(Array.from(bytes));
    const crc = body.reduce((sum, byte) => crcs[(sum ^ byte) & 255] ^ (sum >>> 8), -1);
    return [...number(bytes.length), ...body, ...number(~crc)];
  };
  const file = Uint8Array.from([
    137, 80, 78, 71, 13, 10, 26, 10,
    ...chunk("IHDR", [...number(width), ...number(height), 8, 3, 0, 0, 0]),
    ...chunk("PLTE", palette.flatMap((colour) => [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255])),
    ...chunk("IDAT", new Uint8Array(await packed.arrayBuffer())),
    ...chunk("IEND", []),
  ]);
  return btoa(Array.from(file, (byte) => String.fromCharCode(byte)).join(""));
}
