// llvm.c: the back-end that makes machine code with LLVM.
//
// The module is not built and then linked: it is the runtime's bitcode, into
// which the shapes are put as functions mct_shape_<k>. Everything but those
// becomes internal, so that it is dropped once it is inlined. What the
// contract in codegen.h asks of the code is said by attributes:
//
//   noredzone        memory below sp is touched only where the code says so
//   noimplicitfloat, target features   general registers only
//   override-stack-alignment           what a site's sp has for certain
//   no-jump-tables   no relocations in constants of a shape

#include "codegen/llvm.h"

#include <assert.h>
#include <llvm-c/Analysis.h>
#include <llvm-c/BitReader.h>
#include <llvm-c/IRReader.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <string.h>

#define PRESERVE_MOST 14 // LLVM's CallingConv::PreserveMost

// What a machine needs of LLVM; initialising all of them would take longer
// than the rest.
struct target_row {
    const char *arch;
    LLVMRelocMode reloc; // how code finds the region
    const char *copy;    // see struct lowering
    // Inline assembly, and its constraints, for the address of a slot, where
    // LLVM would take it in a register that is in use; NULL: no need.
    const char *address, *address_in;
    bool returns; // for want of tail calls a shape returns; stencil.c
    void (*info)(void), (*target)(void), (*mc)(void), (*printer)(void),
        (*parser)(void); // of the runtime's inline assembly
};

#define TARGET(arch, reloc, copy, address, address_in, returns, llvm)          \
    {arch,                                                                     \
     reloc,                                                                    \
     copy,                                                                     \
     address,                                                                  \
     address_in,                                                               \
     returns,                                                                  \
     LLVMInitialize##llvm##TargetInfo,                                         \
     LLVMInitialize##llvm##Target,                                             \
     LLVMInitialize##llvm##TargetMC,                                           \
     LLVMInitialize##llvm##AsmPrinter,                                         \
     LLVMInitialize##llvm##AsmParser}

static const struct target_row targets[] = {
    TARGET("x86_64", LLVMRelocPIC, NULL, NULL, NULL, false, X86),
    TARGET("aarch64", LLVMRelocPIC, "mov $%u, %s", NULL, NULL, false, AArch64),
    TARGET("arm", LLVMRelocPIC, "mov $%u, %s", NULL, NULL, false, ARM),
    TARGET("riscv64", LLVMRelocPIC, "mv $%u, %s", NULL, NULL, false, RISCV),
    // Position-independent code there takes a register and a frame.
    TARGET("ppc32", LLVMRelocStatic, "mflr $%u",
           "lis $0, $1@ha\n la $0, $1@l($0)", "={r11},i", true, PowerPC),
};

static const struct target_row *find_target(const struct arch *arch) {
    for (size_t i = 0; i < COUNT_OF(targets); i++)
        if (strcmp(targets[i].arch, arch->name) == 0)
            return &targets[i];
    return NULL;
}

static void report(struct lowering *low, const char *message) {
    diag_error_at(low->diag, R_CODEGEN, NULL, "LLVM: %s",
                  message ? message : "no reason given");
    low->failed = true;
}

static void on_diagnostic(LLVMDiagnosticInfoRef info, void *state) {
    struct lowering *low = state;
    if (LLVMGetDiagInfoSeverity(info) != LLVMDSError)
        return;
    char *message = LLVMGetDiagInfoDescription(info);
    report(low, message);
    LLVMDisposeMessage(message);
}

LLVMValueRef lower_runtime(struct lowering *low, const char *name,
                           struct span span) {
    LLVMValueRef function = LLVMGetNamedFunction(low->module, name);
    if (function)
        return function;
    diag_error(low->diag, R_UNDEFINED, span,
               "the run-time library has no function %s", name);
    low->failed = true;
    return NULL;
}

LLVMValueRef lower_call(struct lowering *low, LLVMValueRef function,
                        LLVMValueRef *args, unsigned count) {
    LLVMValueRef call =
        LLVMBuildCall2(low->builder, LLVMGlobalGetValueType(function), function,
                       args, count, "");
    LLVMSetInstructionCallConv(call, LLVMGetFunctionCallConv(function));
    return call;
}

LLVMValueRef lower_symbol(struct lowering *low, const char *name,
                          LLVMTypeRef type) {
    LLVMValueRef symbol = LLVMGetNamedGlobal(low->module, name);
    if (symbol)
        return symbol;
    symbol = LLVMAddGlobal(low->module, type, name);
    LLVMSetVisibility(symbol, LLVMHiddenVisibility);
    return symbol;
}

// --- making the module ---

static void add_attribute(struct lowering *low, LLVMValueRef function,
                          const char *name) {
    unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
    LLVMAddAttributeAtIndex(function, LLVMAttributeFunctionIndex,
                            LLVMCreateEnumAttribute(low->context, kind, 0));
}

static void copy_attribute(LLVMValueRef from, LLVMValueRef to,
                           const char *name) {
    LLVMAttributeRef attribute = LLVMGetStringAttributeAtIndex(
        from, LLVMAttributeFunctionIndex, name, (unsigned)strlen(name));
    if (attribute)
        LLVMAddAttributeAtIndex(to, LLVMAttributeFunctionIndex, attribute);
}

// Compiled for the same processor as the runtime, or its functions could not
// be inlined.
static LLVMValueRef add_shape(struct lowering *low, size_t index,
                              LLVMValueRef like) {
    char name[40];
    snprintf(name, sizeof name, "mct_shape_%zu", index);
    LLVMValueRef function = LLVMAddFunction(low->module, name, low->thunk);
    LLVMSetVisibility(function, LLVMHiddenVisibility);
    static const char *const attributes[] = {"nounwind", "noinline",
                                             "noimplicitfloat"};
    for (size_t i = 0; i < COUNT_OF(attributes); i++)
        add_attribute(low, function, attributes[i]);
    // To LLVM for PowerPC this is a reason for a frame, red zone or not.
    if (low->input->arch->abi.red_zone != 0)
        add_attribute(low, function, "noredzone");
    static const char *const copied[] = {"target-cpu", "target-features",
                                         "tune-cpu", "no-jump-tables"};
    for (size_t i = 0; i < COUNT_OF(copied); i++)
        copy_attribute(like, function, copied[i]);
    return function;
}

static bool load_runtime(struct lowering *low) {
    struct runtime runtime;
    bool found = runtime_for(low->input, &runtime);
    LLVMMemoryBufferRef buffer = found
                                     ? LLVMCreateMemoryBufferWithMemoryRange(
                                           (const char *)runtime.bitcode.p,
                                           runtime.bitcode.n, "runtime", false)
                                     : NULL;
    bool loaded = buffer && LLVMParseBitcodeInContext2(low->context, buffer,
                                                       &low->module) == 0;
    if (buffer)
        LLVMDisposeMemoryBuffer(buffer);
    if (!loaded)
        report(low, "the run-time library cannot be read");
    return loaded;
}

// Of shapes and of what follows them: all that can be handed over in registers
// is, for what LLVM does not know to be in use it may overwrite before it is
// fetched.
static LLVMTypeRef thunk_type(struct lowering *low) {
    const struct arch *arch = low->input->arch;
    LLVMTypeRef word = LLVMIntTypeInContext(low->context, arch->bits);
    LLVMTypeRef types[COUNT_OF(arch->abi.args)];
    unsigned count = 0;
    while (count < COUNT_OF(types) && arch->abi.args[count] != REG_NONE)
        types[count++] = word;
    return LLVMFunctionType(low->void_type, types, count, false);
}

static void set_up_types(struct lowering *low) {
    low->void_type = LLVMVoidTypeInContext(low->context);
    low->i1 = LLVMInt1TypeInContext(low->context);
    low->i8 = LLVMInt8TypeInContext(low->context);
    low->i32 = LLVMInt32TypeInContext(low->context);
    low->i64 = LLVMInt64TypeInContext(low->context);
    low->pointer = LLVMPointerTypeInContext(low->context, 0);
    low->thunk = thunk_type(low);
    low->bytes = LLVMArrayType2(low->i8, 0); // of a length not known
    low->region = lower_symbol(low, "mct_region", low->bytes);
    low->texts = lower_symbol(low, "mct_texts", low->bytes);
    low->next = LLVMAddFunction(low->module, "mct_next", low->thunk);
    LLVMSetVisibility(low->next, LLVMHiddenVisibility);
    LLVMAddModuleFlag(low->module, LLVMModuleFlagBehaviorError,
                      "override-stack-alignment", 24,
                      LLVMValueAsMetadata(LLVMConstInt(
                          low->i32, low->input->arch->abi.stack_align, false)));
}

// Only the shapes stay visible, so the rest goes when it has been inlined.
static void hide_runtime(struct lowering *low) {
    for (LLVMValueRef function = LLVMGetFirstFunction(low->module); function;
         function = LLVMGetNextFunction(function))
        if (!LLVMIsDeclaration(function))
            LLVMSetLinkage(function, LLVMInternalLinkage);
    for (LLVMValueRef data = LLVMGetFirstGlobal(low->module); data;
         data = LLVMGetNextGlobal(data))
        if (!LLVMIsDeclaration(data))
            LLVMSetLinkage(data, LLVMInternalLinkage);
}

// For the cutter: what a call to a function of the runtime leaves alone.
static void list_preserving(struct lowering *low, struct object *object) {
    size_t room = 0;
    for (LLVMValueRef function = LLVMGetFirstFunction(low->module); function;
         function = LLVMGetNextFunction(function)) {
        if (LLVMGetFunctionCallConv(function) != PRESERVE_MOST)
            continue;
        size_t len;
        const char *name = LLVMGetValueName2(function, &len);
        struct arena *arena = low->input->arena;
        *ARENA_PUSH(arena, object->preserving, object->preserving_count, room) =
            str_copy(arena, (struct str){name, len});
    }
}

static bool verify(struct lowering *low) {
    char *message = NULL;
    bool fine =
        !LLVMVerifyModule(low->module, LLVMReturnStatusAction, &message);
    if (!fine)
        report(low, message);
    LLVMDisposeMessage(message);
    return fine;
}

static void build_module(struct lowering *low) {
    const struct codegen_input *input = low->input;
    LLVMValueRef like = lower_runtime(low, "mct_agg_count", (struct span){0});
    if (!like)
        return;
    hide_runtime(low);
    low->builder = LLVMCreateBuilderInContext(low->context);
    low->locals = LLVMCreateBuilderInContext(low->context);
    for (size_t i = 0; i < input->shape_count && !low->failed; i++)
        lower_shape(low, i, add_shape(low, i, like));
    LLVMDisposeBuilder(low->builder);
    LLVMDisposeBuilder(low->locals);
}

// --- writing it out ---

static const char *features_of(const struct lowering *low) {
    const struct arch *arch = low->input->arch;
    const char *features = arch->features ? arch->features : "";
    if (!low->input->is_bare || !arch->bare_features)
        return features;
    return str_format(low->input->arena, "%s,%s", features, arch->bare_features)
        .p;
}

static const char *triple_of(const struct lowering *low) {
    const struct arch *arch = low->input->arch;
    return low->input->is_bare && arch->bare_triple ? arch->bare_triple
                                                    : arch->triple;
}

// From so many shapes on, making good code of each takes longer than anyone
// waits; all but a few of them are seldom run. Then values are kept in
// registers and known conditions go, and the rest is left as it is.
#define SHAPES_MANY 500

static bool is_in_haste(const struct lowering *low) {
    return low->input->shape_count >= SHAPES_MANY;
}

static LLVMTargetMachineRef make_machine(struct lowering *low,
                                         const struct target_row *target) {
    const struct arch *arch = low->input->arch;
    target->info();
    target->target();
    target->mc();
    target->printer();
    target->parser();
    LLVMTargetRef found;
    char *message = NULL;
    if (LLVMGetTargetFromTriple(triple_of(low), &found, &message)) {
        report(low, message);
        LLVMDisposeMessage(message);
        return NULL;
    }
    return LLVMCreateTargetMachine(
        found, triple_of(low), arch->cpu ? arch->cpu : "", features_of(low),
        is_in_haste(low) ? LLVMCodeGenLevelNone : LLVMCodeGenLevelDefault,
        target->reloc, LLVMCodeModelSmall);
}

static bool optimise(struct lowering *low, LLVMTargetMachineRef machine) {
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMPassBuilderOptionsSetLoopVectorization(options, false);
    LLVMPassBuilderOptionsSetSLPVectorization(options, false);
    const char *passes = is_in_haste(low)
                             ? "globaldce,always-inline,"
                               "function(sroa,early-cse,simplifycfg)"
                             : "globaldce,default<O2>";
    LLVMErrorRef error = LLVMRunPasses(low->module, passes, machine, options);
    LLVMDisposePassBuilderOptions(options);
    if (!error)
        return !low->failed;
    char *message = LLVMGetErrorMessage(error);
    report(low, message);
    LLVMDisposeErrorMessage(message);
    return false;
}

// Generating code changes the module, so what is generated only for the user
// to read is made of a copy.
static bool save_assembly(struct lowering *low, LLVMTargetMachineRef machine) {
    const char *path = low->input->save_asm;
    if (!path)
        return true;
    LLVMModuleRef copy = LLVMCloneModule(low->module);
    LLVMMemoryBufferRef buffer = NULL;
    char *message = NULL;
    bool done = LLVMTargetMachineEmitToMemoryBuffer(
                    machine, copy, LLVMAssemblyFile, &message, &buffer) == 0;
    if (done) {
        struct slice text = {(const uint8_t *)LLVMGetBufferStart(buffer),
                             LLVMGetBufferSize(buffer)};
        done = file_write_text(path, text, low->diag);
        LLVMDisposeMemoryBuffer(buffer);
    } else {
        report(low, message);
        LLVMDisposeMessage(message);
    }
    LLVMDisposeModule(copy);
    return done;
}

static bool save_ir(struct lowering *low) {
    const char *path = low->input->save_ir;
    if (!path)
        return true;
    char *text = LLVMPrintModuleToString(low->module);
    bool done = file_write_text(
        path, (struct slice){(const uint8_t *)text, strlen(text)}, low->diag);
    LLVMDisposeMessage(text);
    return done;
}

static bool emit_object(struct lowering *low, LLVMTargetMachineRef machine,
                        struct object *object) {
    LLVMMemoryBufferRef buffer = NULL;
    char *message = NULL;
    if (LLVMTargetMachineEmitToMemoryBuffer(
            machine, low->module, LLVMObjectFile, &message, &buffer)) {
        report(low, message);
        LLVMDisposeMessage(message);
        return false;
    }
    size_t len = LLVMGetBufferSize(buffer);
    object->bytes.p =
        arena_grow(low->input->arena, LLVMGetBufferStart(buffer), len, len);
    object->bytes.n = len;
    LLVMDisposeMemoryBuffer(buffer);
    const char *path = low->input->save_object;
    return !low->failed &&
           (!path || file_write_text(path, object->bytes, low->diag));
}

static bool compile_module(struct lowering *low,
                           const struct target_row *target,
                           struct object *object) {
    if (!load_runtime(low))
        return false;
    low->returns = target->returns;
    set_up_types(low);
    const struct abi *abi = &low->input->arch->abi;
    low->address = target->address;
    low->address_in = target->address_in;
    low->copy = target->copy;
    regset link = regset_of(abi->link);
    if (low->copy && (link & ~abi->general))
        low->copied = link; // by an instruction of its own
    else if (low->copy)
        low->copied = REG_BIT(abi->fp) | link;
    build_module(low);
    list_preserving(low, object);
    LLVMTargetMachineRef machine =
        low->failed ? NULL : make_machine(low, target);
    bool done = machine && verify(low) && optimise(low, machine) &&
                save_ir(low) && save_assembly(low, machine) &&
                emit_object(low, machine, object);
    if (machine)
        LLVMDisposeTargetMachine(machine);
    LLVMDisposeModule(low->module);
    return done;
}

static bool llvm_compile(const struct codegen_input *input,
                         struct object *object, struct diag *diag) {
    const struct target_row *target = find_target(input->arch);
    if (!target) {
        diag_error_at(diag, R_CODEGEN, NULL, "no code generator for %s",
                      input->arch->name);
        return false;
    }
    struct lowering low = {.input = input, .diag = diag};
    *object = (struct object){0};
    low.context = LLVMContextCreate();
    LLVMContextSetDiagnosticHandler(low.context, on_diagnostic, &low);
    bool done = compile_module(&low, target, object);
    LLVMContextDispose(low.context);
    return done && !low.failed;
}

static bool parse_text(struct lowering *low, struct str text) {
    char *message = NULL;
    // The module takes the buffer.
    LLVMMemoryBufferRef buffer =
        LLVMCreateMemoryBufferWithMemoryRangeCopy(text.p, text.n, "text");
    if (LLVMParseIRInContext(low->context, buffer, &low->module, &message) == 0)
        return true;
    report(low, message);
    LLVMDisposeMessage(message);
    return false;
}

static bool llvm_assemble(struct arena *arena, const struct arch *arch,
                          struct str text, struct slice *bytes,
                          struct diag *diag) {
    struct codegen_input input = {.arch = arch, .arena = arena};
    struct lowering low = {.input = &input, .diag = diag};
    struct object object = {0};
    const struct target_row *target = find_target(arch);
    assert(target);
    low.context = LLVMContextCreate();
    LLVMContextSetDiagnosticHandler(low.context, on_diagnostic, &low);
    bool done = parse_text(&low, text);
    LLVMTargetMachineRef machine = done ? make_machine(&low, target) : NULL;
    if (machine) {
        LLVMSetTarget(low.module, triple_of(&low));
        done = emit_object(&low, machine, &object);
        LLVMDisposeTargetMachine(machine);
    }
    if (low.module)
        LLVMDisposeModule(low.module);
    LLVMContextDispose(low.context);
    *bytes = object.bytes;
    return done && machine && !low.failed;
}

const struct backend backend_llvm = {"llvm", llvm_compile, llvm_assemble};
