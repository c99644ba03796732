const loopbackNames = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Whether a request that only this machine can send asks for this machine. A page from elsewhere, whose
 * own name has been made to lead here, would ask for that name; browsers let it read what it gets.
 *
 * @param header the request's `Host`.
 */
export function asksForLoopback(header: string | undefined): boolean {
  const name = header?.replace(/:\d*$/, "").toLowerCase() ?? "";
  return loopbackNames.includes(name) || /^127(\.\d{1,3}){3}$/.test(name);
}
