import { failure, type Result, success } from '../../core/result.ts';
import type { FaultRequest } from '../run.ts';
import { parseDuration } from './duration.ts';

export const faultForm = 'mode[:component][@onset][+growth][*severity][%machine]';

/** Faults are gradual unless told otherwise; ten minutes is an assumption that suits a demonstration. */
const defaultGrowth = '10m';

const form =
  /^(?<mode>[a-z_]+)(?::(?<component>[a-z0-9_]+))?(?:@(?<onset>[^+*%]+))?(?:\+(?<growth>[^*%]+))?(?:\*(?<severity>[^%\s]+))?(?:%(?<machine>.+))?$/;

/** `tool_wear@120s`, `axis_backlash:axis_x@5m+1h*0.8%CNC-002`. */
export function parseFault(text: string): Result<FaultRequest, string> {
  const groups = form.exec(text)?.groups;
  if (groups === undefined) return failure(`--fault: got "${text}", allowed is ${faultForm}, like tool_wear@120s`);
  const { mode, component, onset = '0s', growth = defaultGrowth, severity = '1', machine } = groups;
  const onsetS = parseDuration(`--fault ${mode} onset`, onset);
  if (!onsetS.ok) return onsetS;
  const growthS = parseDuration(`--fault ${mode} growth`, growth);
  if (!growthS.ok) return growthS;
  const level = Number(severity);
  if (!(level >= 0 && level <= 1)) {
    return failure(`--fault ${mode} severity: got "${severity}", allowed is a number from 0 to 1`);
  }
  return success({
    mode: mode!,
    onsetS: onsetS.value,
    growthS: growthS.value,
    severity: level,
    ...(component !== undefined && { component }),
    ...(machine !== undefined && { machineId: machine }),
  });
}
