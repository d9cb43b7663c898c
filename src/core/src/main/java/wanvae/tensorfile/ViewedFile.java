package wanvae.tensorfile;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** A file whose tensors are views of its bytes; formats differ in how they are found. */
abstract sealed class ViewedFile implements TensorFile
        permits SafetensorsFile, NpyFile, NpzFile, TorchFile, GgufFile, RawFile {
    final Bytes file;
    final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    final Map<String, TensorInfo> integers = new LinkedHashMap<>();
    final Map<String, String> unreadable = new LinkedHashMap<>();
    final Map<String, TensorView> views = new HashMap<>();

    /** Takes ownership of the file, but does not close it when a constructor throws. */
    ViewedFile(Bytes file) {
        this.file = file;
    }

    /** Takes a tensor under its name, among floats or integers. */
    final void add(TensorView view) {
        TensorInfo info = view.info();
        views.put(info.name(), view);
        (info.dtype().isFloat() ? tensors : integers).put(info.name(), info);
    }

    @Override
    public final String name() {
        return file.name();
    }

    @Override
    public final Map<String, TensorInfo> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    @Override
    public final Map<String, TensorInfo> integers() {
        return Collections.unmodifiableMap(integers);
    }

    @Override
    public final Map<String, String> unreadable() {
        return Collections.unmodifiableMap(unreadable);
    }

    @Override
    public final void read(String tensor, MemorySegment target) throws IOException {
        TensorFile.requireSize(requireAny(tensor), target);
        views.get(tensor).read(target);
    }

    @Override
    public final void read(String tensor, long first, MemorySegment target) throws IOException {
        TensorFile.requireRun(requireAny(tensor), first, target);
        views.get(tensor).read(first, target);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
