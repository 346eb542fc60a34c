package org.warrenmq.admin.definitions;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.node.Definition;
import org.warrenmq.admin.node.DefinitionCommands;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.NodeView;

/**
 * Makes a node what a document asks for: what is as it should be is left alone, nothing is deleted.
 * Used by one thread, which may wait.
 *
 * <p>It goes on in slices: others get in between, and what is under way is bounded. After a crash
 * in the middle, the same import again does the rest.
 */
public final class DefinitionImport {
  /** Objects that are on their way at once. */
  private static final int SLICE = 64;

  private final DefinitionDocument document;
  private final @Nullable String vhost;
  private final DefinitionCommands commands;
  private final DefinitionReader reader;
  private final DefinitionCheck check;
  private final Comparison comparison;

  /**
   * @param vhost the one that all of it is for; null for the whole node
   */
  public DefinitionImport(
      DefinitionDocument document,
      @Nullable String vhost,
      NodeView view,
      DefinitionCommands commands) {
    this.document = document;
    this.vhost = vhost;
    this.commands = commands;
    reader = new DefinitionReader(document.name(), vhost);
    check = new DefinitionCheck(document, vhost, view, commands);
    comparison = new Comparison(view, commands);
  }

  /**
   * Imports it; returns when all of it lasts.
   *
   * @param strict whether nothing is to be done when something of it cannot be
   * @throws DefinitionFault when something is wrong in the document, or it cannot be and has to:
   *     nothing has changed then
   */
  public ImportReport run(boolean strict) {
    ImportReport expected = new ImportReport();
    check.run(expected);
    if (strict && expected.refusedCount() > 0) {
      throw new DefinitionFault(
          "%d of the document cannot be here, the first is %s"
              .formatted(expected.refusedCount(), expected.refused().getFirst()));
    }
    ImportReport report = new ImportReport();
    for (Section section : Section.values()) {
      if (section.countsIn(vhost)) {
        importSection(section, report);
      }
    }
    return report;
  }

  private void importSection(Section section, ImportReport report) {
    List<Definition> slice = new ArrayList<>();
    document.each(section, (number, object) -> add(section, number, object, slice, report));
    carryOut(slice, report);
  }

  private void add(
      Section section, int number, JsonObject object, List<Definition> slice, ImportReport report) {
    Definition definition = reader.read(section, number, object);
    if (definition instanceof Definition.Binding(Facts.Binding binding)
        && DefinitionCheck.isImplicit(binding)) {
      return;
    }
    if (definition instanceof Definition.Vhost one) {
      String lack = DefinitionCheck.lack(one);
      if (lack != null) {
        report.refuse(definition, lack);
        definition = one.withoutType();
      }
    }
    String refusal = check.refusal(definition);
    if (refusal != null) {
      report.refuse(definition, refusal);
      return;
    }
    List<String> inVain = commands.withoutEffect(definition);
    if (!inVain.isEmpty()) {
      report.withoutEffect(definition, String.join(", ", inVain));
    }
    if (comparison.difference(definition) == null) {
      report.unchanged();
      return;
    }
    slice.add(definition);
    if (slice.size() == SLICE) {
      carryOut(slice, report);
    }
  }

  private void carryOut(List<Definition> slice, ImportReport report) {
    if (slice.isEmpty()) {
      return;
    }
    List<@Nullable String> refusals = commands.carryOut(slice);
    for (int i = 0; i < slice.size(); i++) {
      String refusal = refusals.get(i);
      if (refusal == null) {
        report.changed();
      } else {
        report.refuse(slice.get(i), refusal);
      }
    }
    slice.clear();
  }
}
