/*
 * Cases on the map differ by form as well as by colour: late is a triangle, soon a diamond, open a circle, done a square,
 * paused a ring. The same forms stand in the key beside the map (ui/c/map_key.html).
 */
export type Form = "late" | "soon" | "open" | "done" | "paused";

export const FORMS: Form[] = ["late", "soon", "open", "done", "paused"];

/** The outline of a form as points in a unit square, or null where it is round. */
export function outline(form: Form): [number, number][] | null {
  switch (form) {
    case "late":
      return [
        [0.5, 0.08],
        [0.96, 0.88],
        [0.04, 0.88],
      ];
    case "soon":
      return [
        [0.5, 0.02],
        [0.98, 0.5],
        [0.5, 0.98],
        [0.02, 0.5],
      ];
    case "done":
      return [
        [0.14, 0.14],
        [0.86, 0.14],
        [0.86, 0.86],
        [0.14, 0.86],
      ];
    default:
      return null;
  }
}

export function draw(form: Form, colour: string, halo: string, side = 44): ImageData | null {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const pen = canvas.getContext("2d");
  if (!pen) return null;
  const inset = side * 0.16;
  const inner = side - 2 * inset;
  const points = outline(form);
  pen.beginPath();
  if (points) {
    points.forEach(([x, y], index) => {
      const px = inset + x * inner;
      const py = inset + y * inner;
      if (index) pen.lineTo(px, py);
      else pen.moveTo(px, py);
    });
    pen.closePath();
  } else {
    pen.arc(side / 2, side / 2, inner * 0.44, 0, 2 * Math.PI);
  }
  pen.lineJoin = "round";
  pen.lineWidth = side * 0.16;
  pen.strokeStyle = halo;
  pen.stroke();
  pen.fillStyle = form === "paused" ? halo : colour;
  pen.fill();
  if (form === "paused") {
    pen.lineWidth = side * 0.1;
    pen.strokeStyle = colour;
    pen.stroke();
  }
  return pen.getImageData(0, 0, side, side);
}
