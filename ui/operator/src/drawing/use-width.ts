import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** How wide an element is, in pixels: drawings keep their letters' size whatever their own. */
export function useWidth<T extends HTMLElement>(): [ref: { current: T | null }, widthPx: number] {
  const ref = useRef<T>(null);
  const [widthPx, setWidthPx] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const measure = (): void => setWidthPx(Math.floor(element.clientWidth));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, widthPx];
}
