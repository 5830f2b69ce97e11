/**
 * The formula bar's editor: CodeMirror on one line, coloured by the engine's own reading of the text (no second grammar
 * here), with completion from the engine and a squiggle where it found a mistake.
 */
import {
  autocompletion,
  completionKeymap,
  completionStatus,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { EditorState, StateEffect, StateField } from '@codemirror/state';
import { Decoration, EditorView, hoverTooltip, keymap, type DecorationSet } from '@codemirror/view';
import type { Completion, FormulaCheck } from '../../src/core/sheet/view.ts';

export interface FormulaEditorEvents {
  onFocus(): void;
  onInput(text: string): void;
  onCommit(): void;
  onCancel(): void;
  complete(text: string, position: number): Promise<readonly Completion[]>;
  jump(name: string, kind: 'column' | 'assumption'): void;
  /** The caret moved. */
  onCaret(position: number): void;
}

export interface FormulaEditor {
  setText(text: string): void;
  mark(check: FormulaCheck): void;
  focus(): void;
  destroy(): void;
}

const setMarks = StateEffect.define<FormulaCheck>();

interface Marks {
  readonly decorations: DecorationSet;
  readonly check: FormulaCheck | null;
}

const marks = StateField.define<Marks>({
  create: () => ({ decorations: Decoration.none, check: null }),
  update(value, transaction) {
    for (const effect of transaction.effects)
      if (effect.is(setMarks))
        return { decorations: decorate(effect.value, transaction.state.doc.length), check: effect.value };
    return transaction.docChanged ? { decorations: value.decorations.map(transaction.changes), check: null } : value;
  },
  provide: (field) => EditorView.decorations.from(field, (value) => value.decorations),
});

function decorate(check: FormulaCheck, length: number): DecorationSet {
  const order = [...new Set(check.names.filter((name) => name.kind === 'column').map((name) => name.name))];
  const ranges = check.names
    .filter((name) => name.to <= length && name.to > name.from)
    .map((name) =>
      Decoration.mark({
        class: name.kind === 'column' ? `name n${(order.indexOf(name.name) % 4) + 1}` : `name ${name.kind}`,
      }).range(name.from, name.to),
    );
  const { problem } = check;
  if (problem?.from !== undefined && length > 0) {
    const from = Math.min(problem.from, length - 1);
    ranges.push(
      Decoration.mark({ class: 'mistake', attributes: { title: problem.message } }).range(
        from,
        Math.max(from + 1, Math.min(problem.to ?? length, length)),
      ),
    );
  }
  return Decoration.set(ranges, true);
}

/** Puts an editor into `parent`. */
export function createFormulaEditor(parent: HTMLElement, events: FormulaEditorEvents): FormulaEditor {
  let setting = false;
  const source = async (context: CompletionContext): Promise<CompletionResult | null> => {
    const word = context.matchBefore(/[A-Za-z_]\w*/);
    const text = context.state.doc.toString();
    if (!context.explicit && (!word || word.from === word.to) && !/\.$/.test(text.slice(0, context.pos))) return null;
    const found = await events.complete(text, context.pos);
    return {
      from: word?.from ?? context.pos,
      filter: false,
      options: found.map((item) => ({
        label: item.label,
        detail: item.detail,
        info: item.info || undefined,
        type: item.kind,
        apply: item.kind === 'function' ? `${item.label}(` : item.label,
      })),
    };
  };
  const view = new EditorView({
    parent,
    state: EditorState.create({
      extensions: [
        history(),
        marks,
        autocompletion({ override: [source], icons: false }),
        keymap.of([
          {
            key: 'Enter',
            run: (target) => {
              if (completionStatus(target.state) === 'active') return false;
              events.onCommit();
              target.contentDOM.blur();
              return true;
            },
          },
          {
            key: 'Escape',
            run: (target) => {
              if (completionStatus(target.state) !== null) return false;
              events.onCancel();
              target.contentDOM.blur();
              return true;
            },
          },
          ...completionKeymap,
          ...defaultKeymap,
          ...historyKeymap,
        ]),
        EditorState.transactionFilter.of((transaction) => (transaction.newDoc.lines > 1 ? [] : transaction)),
        EditorView.contentAttributes.of({ 'aria-label': 'Formula', spellcheck: 'false', autocapitalize: 'off' }),
        EditorView.cspNonce.of(document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !setting) events.onInput(update.state.doc.toString());
          if (update.focusChanged && update.view.hasFocus) events.onFocus();
          if (update.selectionSet || update.docChanged) events.onCaret(update.state.selection.main.head);
        }),
        EditorView.domEventHandlers({
          dblclick(event, target) {
            const at = target.posAtCoords({ x: event.clientX, y: event.clientY });
            const name =
              at === null
                ? undefined
                : target.state.field(marks).check?.names.find((own) => at >= own.from && at <= own.to);
            if (name?.kind !== 'column' && name?.kind !== 'assumption') return false;
            events.jump(name.name, name.kind);
            return true;
          },
        }),
        hoverTooltip((target, at) => {
          const name = target.state.field(marks).check?.names.find((own) => at >= own.from && at <= own.to);
          if (!name || name.hover === '') return null;
          return {
            pos: name.from,
            end: name.to,
            create: () => {
              const dom = document.createElement('div');
              dom.className = 'formula-hover';
              dom.textContent = name.hover;
              return { dom };
            },
          };
        }),
        theme,
      ],
    }),
  });
  return {
    setText(text) {
      if (view.state.doc.toString() === text) return;
      setting = true;
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: text },
        selection: { anchor: text.length },
      });
      setting = false;
    },
    mark: (check) => view.dispatch({ effects: setMarks.of(check) }),
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}

const theme = EditorView.theme({
  '&': { background: 'transparent', fontSize: '12px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '24px', overflowX: 'auto', scrollbarWidth: 'none' },
  '.cm-content': { padding: '0', caretColor: 'var(--text)' },
  '.cm-line': { padding: '0 4px' },
  '.name.n1': { color: 'var(--n1)' },
  '.name.n2': { color: 'var(--n2)' },
  '.name.n3': { color: 'var(--n3)' },
  '.name.n4': { color: 'var(--n4)' },
  '.name.assumption': { color: 'var(--input)' },
  '.name.function, .name.table': { color: 'var(--text-2)' },
  '.mistake': { textDecoration: 'underline wavy var(--error)', textUnderlineOffset: '3px' },
  '.cm-tooltip': {
    background: 'var(--raised)',
    color: 'var(--text)',
    border: '1px solid var(--line-strong)',
    borderRadius: 'var(--r-6)',
    boxShadow: 'var(--pop)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--font-mono)', maxHeight: '240px', padding: '4px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {
    padding: '2px 8px',
    lineHeight: '20px',
    borderRadius: 'var(--r-4)',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { background: 'var(--accent-soft)', color: 'var(--text)' },
  '.cm-completionDetail': {
    fontStyle: 'normal',
    fontFamily: 'var(--font-ui)',
    color: 'var(--text-2)',
    marginLeft: '12px',
  },
  '.cm-completionInfo': { fontFamily: 'var(--font-ui)', padding: '8px 12px', maxWidth: '280px' },
  '.formula-hover': { padding: '4px 8px', fontSize: '12px', whiteSpace: 'pre-line', maxWidth: '420px' },
});
