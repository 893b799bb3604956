// The button in a notebook's toolbar that opens nbpipe's commands.
import { ToolbarButton, caretDownEmptyIcon } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';
import { Menu, Widget } from '@lumino/widgets';
import { COMMANDS } from './commands';

/** Give the button; what cannot be done here is not in its menu. */
export function menuButton(commands: CommandRegistry): Widget {
  const menu = new Menu({ commands });
  COMMANDS.forEach(command => menu.addItem({ command }));
  const button: ToolbarButton = new ToolbarButton({
    label: 'nbpipe',
    icon: caretDownEmptyIcon,
    tooltip: 'Check, fix, verify, convert and run this notebook with nbpipe',
    className: 'nbpipe-menu-button',
    onClick: () => {
      const { left, bottom } = button.node.getBoundingClientRect();
      menu.open(left, bottom);
    }
  });
  button.disposed.connect(() => menu.dispose());
  return button;
}
