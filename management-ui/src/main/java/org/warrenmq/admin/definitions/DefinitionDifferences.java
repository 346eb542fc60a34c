package org.warrenmq.admin.definitions;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.node.Definition;
import org.warrenmq.admin.node.DefinitionCommands;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.NodeView;

/**
 * What of a document is not so on a node; what there is beside it does not count. Stateless; on
 * threads that may wait.
 */
public final class DefinitionDifferences {
  private DefinitionDifferences() {}

  /**
   * Finds them, in the order of an import.
   *
   * @param vhost the one that all of it is for; null for the whole node
   * @throws DefinitionFault when something is wrong in the document
   */
  public static void find(
      DefinitionDocument document,
      @Nullable String vhost,
      NodeView view,
      DefinitionCommands commands,
      Consumer<ImportReport.Remark> each) {
    DefinitionReader reader = new DefinitionReader(document.name(), vhost);
    Comparison comparison = new Comparison(view, commands);
    for (Section section : Section.values()) {
      if (section.countsIn(vhost)) {
        document.each(
            section,
            (number, object) -> {
              Definition wanted = reader.read(section, number, object);
              String difference = isGiven(wanted) ? null : comparison.difference(wanted);
              if (difference != null) {
                each.accept(new ImportReport.Remark(wanted.label(), difference));
              }
            });
      }
    }
  }

  private static boolean isGiven(Definition wanted) {
    return wanted instanceof Definition.Binding(Facts.Binding binding)
        && DefinitionCheck.isImplicit(binding);
  }
}
