// The viewer's entry: mounts the page. Everything else is reached from App.svelte.

import { mount } from "svelte";
import App from "./ui/App.svelte";
import "./ui/style.css";

// The token has become a cookie by now; it should not stay in the address bar, the history or a shared screenshot.
const address = new URL(location.href);
if (address.searchParams.has("token")) {
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
}

const target = document.getElementById("app");
if (target === null) throw new Error("index.html has no #app");
mount(App, { target, props: { base: new URL("./", address), room: address.searchParams.get("room") } });
