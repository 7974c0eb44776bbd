// Live progress of an execution: one line that is rewritten in a terminal, a line for each change in a pipe.

/** @param {NodeJS.WriteStream} stream */
export function showProgress(stream) {
  const began = Date.now();
  let status = "queued";
  let outputs = [];

  const line = () => {
    const ready = outputs.filter((output) => output.status === "completed").length;
    const seconds = Math.round((Date.now() - began) / 1000);
    return `  ${status}, ${ready} of ${outputs.length} outputs, ${seconds} s`;
  };
  const draw = () => stream.write(stream.isTTY ? `\r\u001b[K${line()}` : `${line()}\n`);
  // In a terminal the seconds go on between two changes.
  const timer = stream.isTTY ? setInterval(draw, 200) : undefined;

  return {
    update(execution) {
      status = execution.status;
      outputs = execution.outputs ?? [];
      draw();
    },
    end() {
      clearInterval(timer);
      if (stream.isTTY) stream.write("\n");
    },
  };
}
