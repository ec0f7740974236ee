import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './style.css';
import { App } from './app.tsx';
import { Client, loadConfig } from './client.ts';

const root = document.getElementById('app')!;

async function start(): Promise<void> {
  try {
    render(<App client={new Client(await loadConfig())} />, root);
  } catch (error) {
    render(
      <main class="notice">
        <h1>The page cannot start</h1>
        <p role="alert">{error instanceof Error ? error.message : String(error)}. It tries again in 5 seconds.</p>
      </main>,
      root,
    );
    setTimeout(start, 5000);
  }
}

void start();
