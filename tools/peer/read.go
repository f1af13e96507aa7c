package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
)

const nameLabel = "kubernetes.io/metadata.name"

// workload is pods of one template: cluster-wide name, and what policies see of them.
type workload struct {
	name      string
	namespace string
	labels    map[string]string
	ports     []corev1.ContainerPort
}

type manifests struct {
	namespaces map[string]map[string]string
	workloads  []workload
	policies   []*networkingv1.NetworkPolicy
}

func readFolder(root string) (*manifests, error) {
	into := &manifests{namespaces: map[string]map[string]string{}}
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		switch filepath.Ext(path) {
		case ".yaml", ".yml", ".json":
			return into.readFile(path)
		}
		return nil
	})
	return into, err
}

func (m *manifests) readFile(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(data), 4096)
	for {
		var body map[string]interface{}
		if err := decoder.Decode(&body); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := m.add(body); err != nil {
			return err
		}
	}
}

func (m *manifests) add(body map[string]interface{}) error {
	object := unstructured.Unstructured{Object: body}
	if items, found := body["items"].([]interface{}); found && strings.HasSuffix(object.GetKind(), "List") {
		for _, item := range items {
			if inner, isMap := item.(map[string]interface{}); isMap {
				// The items of a typed list (PodList) may leave out what they are.
				if _, typed := inner["kind"]; !typed {
					inner["kind"], inner["apiVersion"] = strings.TrimSuffix(object.GetKind(), "List"), object.GetAPIVersion()
				}
				if err := m.add(inner); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if object.GetNamespace() == "" && object.GetKind() != "Namespace" {
		object.SetNamespace("default")
	}
	switch object.GroupVersionKind().Group + "/" + object.GetKind() {
	case "/Namespace":
		labels := object.GetLabels()
		if labels == nil {
			labels = map[string]string{}
		}
		labels[nameLabel] = object.GetName()
		m.namespaces[object.GetName()] = labels
	case "networking.k8s.io/NetworkPolicy":
		return m.addPolicy(&object)
	case "/Pod":
		return addPods(m, &object, &corev1.Pod{}, func(p *corev1.Pod) corev1.PodTemplateSpec {
			return corev1.PodTemplateSpec{ObjectMeta: p.ObjectMeta, Spec: p.Spec}
		})
	case "apps/Deployment":
		return addPods(m, &object, &appsv1.Deployment{}, func(d *appsv1.Deployment) corev1.PodTemplateSpec { return d.Spec.Template })
	case "apps/ReplicaSet":
		return addPods(m, &object, &appsv1.ReplicaSet{}, func(r *appsv1.ReplicaSet) corev1.PodTemplateSpec { return r.Spec.Template })
	case "apps/StatefulSet":
		return addPods(m, &object, &appsv1.StatefulSet{}, func(s *appsv1.StatefulSet) corev1.PodTemplateSpec { return s.Spec.Template })
	case "apps/DaemonSet":
		return addPods(m, &object, &appsv1.DaemonSet{}, func(d *appsv1.DaemonSet) corev1.PodTemplateSpec { return d.Spec.Template })
	case "/ReplicationController":
		return addPods(m, &object, &corev1.ReplicationController{}, func(r *corev1.ReplicationController) corev1.PodTemplateSpec { return *r.Spec.Template })
	case "batch/Job":
		return addPods(m, &object, &batchv1.Job{}, func(j *batchv1.Job) corev1.PodTemplateSpec { return j.Spec.Template })
	case "batch/CronJob":
		return addPods(m, &object, &batchv1.CronJob{}, func(c *batchv1.CronJob) corev1.PodTemplateSpec { return c.Spec.JobTemplate.Spec.Template })
	}
	return nil
}

func addPods[T any](m *manifests, object *unstructured.Unstructured, typed *T, template func(*T) corev1.PodTemplateSpec) error {
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, typed); err != nil {
		return err
	}
	pods := template(typed)
	name, kind := object.GetName(), object.GetKind()
	// A Pod with an owner is one of its owner's.
	if owner := metav1.GetControllerOf(object); owner != nil {
		name, kind = owner.Name, owner.Kind
	} else if owners := object.GetOwnerReferences(); len(owners) > 0 {
		name, kind = owners[0].Name, owners[0].Kind
	}
	if kind == "" {
		kind = object.GetKind()
	}
	found := workload{namespace: object.GetNamespace(), labels: pods.Labels, name: object.GetNamespace() + "/" + name + "[" + kind + "]"}
	for _, container := range append(pods.Spec.Containers, pods.Spec.InitContainers...) {
		found.ports = append(found.ports, container.Ports...)
	}
	m.workloads = append(m.workloads, found)
	return nil
}

// addPolicy fills in what the API server does: protocols, and the directions where none is named.
func (m *manifests) addPolicy(object *unstructured.Unstructured) error {
	policy := &networkingv1.NetworkPolicy{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, policy); err != nil {
		return err
	}
	if len(policy.Spec.PolicyTypes) == 0 {
		policy.Spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
		if len(policy.Spec.Egress) > 0 {
			policy.Spec.PolicyTypes = append(policy.Spec.PolicyTypes, networkingv1.PolicyTypeEgress)
		}
	}
	m.policies = append(m.policies, policy)
	return nil
}

// labelsOf are a namespace's labels; one that no manifest declares has its name alone.
func (m *manifests) labelsOf(namespace string) map[string]string {
	if labels, found := m.namespaces[namespace]; found {
		return labels
	}
	return map[string]string{nameLabel: namespace}
}
