import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './style/tokens.css';
import './style/base.css';
import './style/shell.css';
import './style/fleet.css';
import './style/machine.css';
import { App } from './app.tsx';
import { describeFailure } from './connection/call-failed.ts';
import { Client, loadConfig } from './connection/client.ts';
import { returnFromSignIn } from './connection/hosted-sign-in.ts';
import { applyTheme } from './theme.ts';

const root = document.getElementById('app')!;

async function start(): Promise<void> {
  try {
    const config = await loadConfig();
    if (config.hosted !== undefined) await returnFromSignIn(config.hosted);
    render(<App client={new Client(config)} />, root);
  } catch (error) {
    render(
      <main class="notice">
        <h1>The page cannot start</h1>
        <p role="alert">{describeFailure(error)}. It tries again in 5 seconds.</p>
      </main>,
      root,
    );
    setTimeout(start, 5000);
  }
}

applyTheme();
void start();
