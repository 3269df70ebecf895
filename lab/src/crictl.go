// A crictl for the laboratory, since Debian bookworm has none: the subcommands that kubeadm and people on a node use,
// with the output formats they read. No exec, no runp.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/golang/protobuf/jsonpb"
	"github.com/golang/protobuf/proto"
	"google.golang.org/grpc"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1alpha2"
)

const usage = "usage: crictl [-r ENDPOINT] info|version|pods|ps|images|inspect|inspectp|inspecti|pull|rmi|stop|rm|stopp|rmp|logs ..."

func fail(format string, values ...interface{}) {
	fmt.Fprintf(os.Stderr, "crictl: "+format+"\n", values...)
	os.Exit(1)
}

func must(err error) {
	if err != nil {
		fail("%v", err)
	}
}

// The long name of each short flag, and the flags that are followed by a value.
var long = map[string]string{"r": "runtime-endpoint", "i": "image-endpoint", "q": "quiet", "a": "all", "s": "state", "p": "pod",
	"o": "output", "t": "timeout", "f": "force", "c": "config"}
var valued = map[string]bool{"runtime-endpoint": true, "image-endpoint": true, "name": true, "namespace": true, "state": true,
	"pod": true, "output": true, "tail": true, "label": true, "timeout": true, "config": true, "image": true}

func parse(words []string) (flags map[string]string, rest []string) {
	flags = map[string]string{}
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		if !strings.HasPrefix(word, "-") {
			rest = append(rest, word)
			continue
		}
		parts := strings.SplitN(strings.TrimLeft(word, "-"), "=", 2)
		name := parts[0]
		if full, short := long[name]; short {
			name = full
		}
		switch {
		case len(parts) == 2:
			flags[name] = parts[1]
		case valued[name] && len(words) > 0:
			flags[name] = words[0]
			words = words[1:]
		default:
			flags[name] = "true"
		}
	}
	return
}

func endpoint(flags map[string]string) string {
	if given := flags["runtime-endpoint"]; given != "" {
		return given
	}
	if given := os.Getenv("CONTAINER_RUNTIME_ENDPOINT"); given != "" {
		return given
	}
	return "/run/containerd/containerd.sock"
}

// JSON as protobuf defines it, which is what the real crictl prints: camelCase, enumerations by name, int64 as text.
func text(message proto.Message) string {
	text, err := (&jsonpb.Marshaler{EmitDefaults: true, Indent: "  "}).MarshalToString(message)
	must(err)
	return text
}

// A status with what the runtime adds to it when asked for everything: JSON where it is JSON.
func showStatus(status proto.Message, details map[string]string) {
	shown := map[string]interface{}{"status": json.RawMessage(text(status))}
	for name, detail := range details {
		if json.Valid([]byte(detail)) {
			shown[name] = json.RawMessage(detail)
		} else {
			shown[name] = detail
		}
	}
	indented, err := json.MarshalIndent(shown, "", "  ")
	must(err)
	fmt.Println(string(indented))
}

func brief(id string) string {
	id = strings.TrimPrefix(id, "sha256:")
	if len(id) > 13 {
		return id[:13]
	}
	return id
}

func age(nanoseconds int64) string {
	return time.Since(time.Unix(0, nanoseconds)).Round(time.Second).String() + " ago"
}

type runtime struct {
	context  context.Context
	runtimes cri.RuntimeServiceClient
	images   cri.ImageServiceClient
	flags    map[string]string
	targets  []string
}

// A filter that was not asked for lets everything through.
func (r *runtime) wants(flag, value string) bool {
	asked := r.flags[flag]
	return asked == "" || strings.EqualFold(asked, value)
}

func (r *runtime) wantsLabels(labels map[string]string) bool {
	asked := strings.SplitN(r.flags["label"], "=", 2)
	return len(asked) != 2 || labels[asked[0]] == asked[1]
}

// The whole identity of the container whose identity begins so.
func (r *runtime) container(prefix string) string {
	answer, err := r.runtimes.ListContainers(r.context, &cri.ListContainersRequest{Filter: &cri.ContainerFilter{Id: prefix}})
	must(err)
	if len(answer.Containers) == 0 {
		fail("no container %q", prefix)
	}
	return answer.Containers[0].Id
}

func (r *runtime) pods() {
	answer, err := r.runtimes.ListPodSandbox(r.context, &cri.ListPodSandboxRequest{})
	must(err)
	kept := answer.Items[:0]
	for _, pod := range answer.Items {
		if strings.Contains(pod.Metadata.Name, r.flags["name"]) && r.wants("namespace", pod.Metadata.Namespace) &&
			r.wants("state", strings.TrimPrefix(pod.State.String(), "SANDBOX_")) && r.wantsLabels(pod.Labels) {
			kept = append(kept, pod)
		}
	}
	answer.Items = kept
	switch {
	case r.flags["output"] == "json":
		fmt.Println(text(answer))
	case r.flags["quiet"] != "":
		for _, pod := range kept {
			fmt.Println(pod.Id)
		}
	default:
		fmt.Printf("%-15s %-18s %-10s %-45s %-20s %s\n", "POD ID", "CREATED", "STATE", "NAME", "NAMESPACE", "ATTEMPT")
		for _, pod := range kept {
			fmt.Printf("%-15s %-18s %-10s %-45s %-20s %d\n", brief(pod.Id), age(pod.CreatedAt),
				strings.TrimPrefix(pod.State.String(), "SANDBOX_"), pod.Metadata.Name, pod.Metadata.Namespace, pod.Metadata.Attempt)
		}
	}
}

func (r *runtime) containers() {
	answer, err := r.runtimes.ListContainers(r.context, &cri.ListContainersRequest{
		Filter: &cri.ContainerFilter{PodSandboxId: r.flags["pod"]}})
	must(err)
	kept := answer.Containers[:0]
	for _, container := range answer.Containers {
		running := container.State == cri.ContainerState_CONTAINER_RUNNING
		if (running || r.flags["all"] != "" || r.flags["state"] != "") && strings.Contains(container.Metadata.Name, r.flags["name"]) &&
			r.wants("state", strings.TrimPrefix(container.State.String(), "CONTAINER_")) && r.wantsLabels(container.Labels) {
			kept = append(kept, container)
		}
	}
	answer.Containers = kept
	switch {
	case r.flags["output"] == "json":
		fmt.Println(text(answer))
	case r.flags["quiet"] != "":
		for _, container := range kept {
			fmt.Println(container.Id)
		}
	default:
		fmt.Printf("%-15s %-15s %-18s %-10s %-28s %-8s %s\n", "CONTAINER", "IMAGE", "CREATED", "STATE", "NAME", "ATTEMPT", "POD ID")
		for _, container := range kept {
			fmt.Printf("%-15s %-15s %-18s %-10s %-28s %-8d %s\n", brief(container.Id), brief(container.Image.Image), age(container.CreatedAt),
				strings.TrimPrefix(container.State.String(), "CONTAINER_"), container.Metadata.Name, container.Metadata.Attempt,
				brief(container.PodSandboxId))
		}
	}
}

func (r *runtime) listImages() {
	answer, err := r.images.ListImages(r.context, &cri.ListImagesRequest{})
	must(err)
	if r.flags["output"] == "json" {
		fmt.Println(text(answer))
		return
	}
	for _, image := range answer.Images {
		if r.flags["quiet"] != "" {
			fmt.Println(image.Id)
		} else {
			fmt.Printf("%-60s %-15s %d\n", strings.Join(image.RepoTags, ","), brief(image.Id), image.Size_)
		}
	}
}

func (r *runtime) logs(id string) {
	answer, err := r.runtimes.ContainerStatus(r.context, &cri.ContainerStatusRequest{ContainerId: r.container(id)})
	must(err)
	written, err := os.ReadFile(answer.Status.LogPath)
	must(err)
	lines := strings.Split(strings.TrimSuffix(string(written), "\n"), "\n")
	if tail, err := strconv.Atoi(r.flags["tail"]); err == nil && tail >= 0 && tail < len(lines) {
		lines = lines[len(lines)-tail:]
	}
	for _, line := range lines { // time, stream, tag, and what the container wrote
		parts := strings.SplitN(line, " ", 4)
		fmt.Println(parts[len(parts)-1])
	}
}

// What a subcommand does to each of the identities after it.
func (r *runtime) each(command, id string) {
	switch command {
	case "inspect":
		answer, err := r.runtimes.ContainerStatus(r.context, &cri.ContainerStatusRequest{ContainerId: r.container(id), Verbose: true})
		must(err)
		showStatus(answer.Status, answer.Info)
	case "inspectp":
		answer, err := r.runtimes.PodSandboxStatus(r.context, &cri.PodSandboxStatusRequest{PodSandboxId: id, Verbose: true})
		must(err)
		showStatus(answer.Status, answer.Info)
	case "inspecti":
		answer, err := r.images.ImageStatus(r.context, &cri.ImageStatusRequest{Image: &cri.ImageSpec{Image: id}, Verbose: true})
		must(err)
		if answer.Image == nil {
			fail("no such image %q present", id)
		}
		showStatus(answer.Image, answer.Info)
	case "pull":
		answer, err := r.images.PullImage(r.context, &cri.PullImageRequest{Image: &cri.ImageSpec{Image: id}})
		must(err)
		fmt.Println("Image is up to date for " + answer.ImageRef)
	case "rmi":
		_, err := r.images.RemoveImage(r.context, &cri.RemoveImageRequest{Image: &cri.ImageSpec{Image: id}})
		must(err)
		fmt.Println("Deleted: " + id)
	case "stop":
		_, err := r.runtimes.StopContainer(r.context, &cri.StopContainerRequest{ContainerId: r.container(id), Timeout: 10})
		must(err)
		fmt.Println(id)
	case "rm":
		_, err := r.runtimes.RemoveContainer(r.context, &cri.RemoveContainerRequest{ContainerId: r.container(id)})
		must(err)
		fmt.Println(id)
	case "stopp":
		_, err := r.runtimes.StopPodSandbox(r.context, &cri.StopPodSandboxRequest{PodSandboxId: id})
		must(err)
		fmt.Println("Stopped sandbox " + id)
	case "rmp":
		_, err := r.runtimes.RemovePodSandbox(r.context, &cri.RemovePodSandboxRequest{PodSandboxId: id})
		must(err)
		fmt.Println("Removed sandbox " + id)
	case "logs":
		r.logs(id)
	default:
		fail("unknown subcommand %q; %s", command, usage)
	}
}

func main() {
	flags, words := parse(os.Args[1:])
	if flags["version"] != "" || flags["v"] != "" {
		fmt.Println("crictl version v1.20.0")
		return
	}
	if len(words) == 0 {
		fail(usage)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	address := "unix://" + strings.TrimPrefix(endpoint(flags), "unix://")
	connection, err := grpc.DialContext(ctx, address, grpc.WithInsecure(), grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(16<<20)))
	must(err)
	r := &runtime{ctx, cri.NewRuntimeServiceClient(connection), cri.NewImageServiceClient(connection), flags, words[1:]}
	switch words[0] {
	case "version":
		answer, err := r.runtimes.Version(ctx, &cri.VersionRequest{})
		must(err)
		fmt.Printf("Version:  %s\nRuntimeName:  %s\nRuntimeVersion:  %s\nRuntimeApiVersion:  %s\n",
			answer.Version, answer.RuntimeName, answer.RuntimeVersion, answer.RuntimeApiVersion)
	case "info":
		answer, err := r.runtimes.Status(ctx, &cri.StatusRequest{Verbose: true})
		must(err)
		showStatus(answer.Status, answer.Info)
	case "pods":
		r.pods()
	case "ps":
		r.containers()
	case "images":
		r.listImages()
	default:
		if len(r.targets) == 0 {
			fail("%s needs an identity or a name; %s", words[0], usage)
		}
		for _, id := range r.targets {
			r.each(words[0], id)
		}
	}
}
