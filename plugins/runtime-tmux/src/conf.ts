/** What must hold whatever the user's own tmux.conf says: a session would be lost, or steered from outside, without it. */
const MUSTS = `
set-option -g exit-empty off
set-option -g exit-unattached off
set-option -g destroy-unattached off
set-option -g detach-on-destroy on
set-option -g remain-on-exit on
set-option -gu default-command
set-option -g default-shell /bin/sh
set-option -g update-environment ""
set-option -g allow-rename off
set-option -g focus-events off
`;

/** The configuration of our own server: ours, then the user's, then what must hold. */
export function serverConf(options: { userConf: string; terminal: string }): string {
  return `# Written by ao; changes are lost. Your own settings belong into the file that is sourced below.
set-option -g default-terminal ${options.terminal}
set-option -ga terminal-features "*:RGB"
set-option -g mouse on
set-option -g history-limit 50000
set-option -s escape-time 10
set-option -g set-clipboard external
set-option -gq allow-passthrough off
set-option -g automatic-rename off
set-option -g set-titles off
set-option -g window-size latest
set-option -g display-time 4000
set-option -gq remain-on-exit-format "the agent has ended (#{?pane_dead_signal,signal #{pane_dead_signal},status #{pane_dead_status}})"
set-option -g status-interval 60
set-option -g status-style "bg=colour236,fg=colour252"
set-option -g status-left-length 80
set-option -g status-left " #{@ao_session} #{@ao_title} "
set-option -g status-right " detach: #{prefix} d "
set-option -g window-status-format ""
set-option -g window-status-current-format ""
# tmux 3.3a dies, and every agent with it, when something is pasted into a pane whose program has ended.
bind-key ] { if-shell -F "#{pane_dead}" {} { paste-buffer -p } }
bind-key = { choose-buffer -Z "if-shell -F '#{pane_dead}' '' \\"paste-buffer -p -b '%%'\\"" }
unbind-key -n MouseDown2Pane
source-file -q ${confPath(options.userConf)}
${MUSTS.trim()}
set-option -gq allow-passthrough off
`;
}

/** \`source-file\` takes a glob pattern: its letters are escaped, and the quotes are tmux's. */
function confPath(path: string): string {
  const literal = path.replace(/[*?[\]\\]/g, "\\$&");
  return `"${literal.replace(/["\\$]/g, "\\$&").replaceAll("#", "\\043")}"`;
}
