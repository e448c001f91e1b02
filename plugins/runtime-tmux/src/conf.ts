/** Settings that override the user's tmux.conf. Without them a session could be lost, or controlled from outside. */
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

/** The configuration of our own server: our defaults, then the user's settings, then the ones that override them. */
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
set-option -g display-time 4000
set-option -gq remain-on-exit-format "the agent has ended (#{?pane_dead_signal,signal #{pane_dead_signal},status #{pane_dead_status}})"
set-option -g status-interval 60
set-option -g status-style "bg=colour236,fg=colour252"
set-option -g status-left-length 80
set-option -g status-left " #{@ao_session} #{@ao_title} "
set-option -g status-right " detach: #{prefix} d#{?#{m/r:^(tmux|screen),#{client_termname}}, or #{prefix} #{prefix} d,} "
set-option -g status-right-length 60
set-option -g window-status-format ""
set-option -g window-status-current-format ""
# Pasting into a pane whose program has ended crashes tmux 3.3a, and every agent with it.
bind-key ] { if-shell -F "#{pane_dead}" {} { paste-buffer -p } }
bind-key = { choose-buffer -Z "if-shell -F '#{pane_dead}' '' \\"paste-buffer -p -b '%%'\\"" }
unbind-key -n MouseDown2Pane
source-file -q ${confPath(options.userConf)}
${MUSTS.trim()}
set-option -gq allow-passthrough off
`;
}

/** \`source-file\` takes a glob pattern, so its characters are escaped. The quotes are tmux's. */
function confPath(path: string): string {
  const literal = path.replace(/[*?[\]\\]/g, "\\$&");
  return `"${literal.replace(/["\\$]/g, "\\$&").replaceAll("#", "\\043")}"`;
}
