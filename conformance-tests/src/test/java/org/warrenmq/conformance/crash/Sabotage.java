package org.warrenmq.conformance.crash;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Opcode;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;

/**
 * A class of the broker, or of what it is made of, of which one method fails before its first step,
 * the first time it is called from now on. Stateless.
 *
 * @param className with its package, nested classes after a dollar sign
 * @param method all that have the name
 */
record Sabotage(String className, String method) {
  /** What the throwable says. */
  static final String MESSAGE = "made by a test";

  private static final ClassDesc SYSTEM = ClassDesc.of("java.lang.System");

  /** Takes a name and a value, and gives null the first time. */
  private static final MethodTypeDesc SET_PROPERTY =
      MethodTypeDesc.of(ConstantDescs.CD_String, ConstantDescs.CD_String, ConstantDescs.CD_String);

  private static final MethodTypeDesc WITH_MESSAGE =
      MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String);

  /** The class file. */
  byte[] with(Class<? extends Throwable> kind) throws IOException {
    ClassFile files = ClassFile.of();
    return files.transformClass(
        files.parse(original()),
        ClassTransform.transformingMethodBodies(
            one -> one.methodName().equalsString(method), new Fails(kind)));
  }

  private byte[] original() throws IOException {
    String file = className.replace('.', '/') + ".class";
    try (InputStream in = ClassLoader.getSystemResourceAsStream(file)) {
      if (in == null) {
        throw new IOException("no class " + className);
      }
      return in.readAllBytes();
    }
  }

  private record Fails(Class<? extends Throwable> kind) implements CodeTransform {
    @Override
    public void atStart(CodeBuilder code) {
      code.ldc(MESSAGE)
          .ldc(MESSAGE)
          .invokestatic(SYSTEM, "setProperty", SET_PROPERTY)
          .ifThen(Opcode.IFNULL, this::fail);
    }

    private void fail(CodeBuilder code) {
      ClassDesc made = ClassDesc.of(kind.getName());
      code.new_(made)
          .dup()
          .ldc(MESSAGE)
          .invokespecial(made, ConstantDescs.INIT_NAME, WITH_MESSAGE)
          .athrow();
    }

    @Override
    public void accept(CodeBuilder code, CodeElement element) {
      code.with(element);
    }
  }

  @Override
  public String toString() {
    return className.substring(className.lastIndexOf('.') + 1) + "." + method;
  }
}
