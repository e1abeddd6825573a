package rl

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

// Algorithm is a way to learn, with its settings: *PPO, *A2C, *REINFORCE, *QLearning and so on.
//
//	ppo := rl.ZooPPO("CartPole-v1")
//	learned := ppo.Train(rl.Maker("CartPole-v1"), 1)
//	rl.Watch(rl.Make("CartPole-v1"), learned.Policy.Forward, 4)
type Algorithm interface {
	// Train learns from fresh environments of one kind. All that is drawn comes from seed (0 or more): the same seed
	// gives the same Training, bit for bit, at any number of threads.
	Train(fresh func() Env, seed int) *Training
}

// Maker gives fresh environments of an id, as Make does.
func Maker(id string) func() Env {
	SpecOf(id)
	return func() Env { return Make(id) }
}

// Common are the settings that all algorithms share.
type Common struct {
	Steps        int     // of the environments, in all
	Gamma        float64 // what a reward is worth one step earlier, 0 to 1
	EvalEvery    int     // steps between two evaluations; 0: a twentieth of Steps
	EvalEpisodes int     // episodes an evaluation; 0: 10; one that goes on after 10,000 steps is cut
	// Each is told every evaluation as soon as it is made, for a live curve; never two at once. nil tells nobody.
	Each func(p Point)
}

// Point is one evaluation on the way: the policy as it was then, always taking its likeliest action.
type Point struct {
	Seed   int     // of the training
	Step   int     // steps of the environments so far
	Reward float64 // mean reward of the episodes of this evaluation
	Recent float64 // mean reward of the last 100 episodes of training, which explore; NaN before there is one
}

// Training is what an algorithm has learned, and how it went.
type Training struct {
	Algorithm string
	Seed      int
	Steps     int // of the environments, in all
	// Policy is the best that an evaluation found, the later one of equals. Forward takes states (n,Size) to what Play,
	// Evaluate and Watch want: they take Policy.Forward. nn.Save keeps it.
	Policy nn.Layer
	// Value estimates what states (n,Size) will bring, (n,1), as it was beside Policy; nil where an algorithm learns none.
	Value nn.Layer
	Best  Point     // the evaluation of Policy
	Curve []Point   // all evaluations, in order
	Ends  []int     // the step after which each episode of training was over, in order
	Sums  []float64 // the reward of each of these episodes
}

func (t *Training) String() string {
	return fmt.Sprintf("%s, seed %d: %d steps, %d episodes, best evaluation %.2f at step %d",
		t.Algorithm, t.Seed, t.Steps, len(t.Sums), t.Best.Reward, t.Best.Step)
}

// MIME is how a notebook shows a training: a table of its evaluations, and a line of text.
func (t *Training) MIME() map[string]any {
	var b strings.Builder
	fmt.Fprintf(&b, "<p>%s</p><table><tr><th>step</th><th>evaluation</th><th>last 100 episodes</th></tr>", t)
	for _, p := range t.Curve {
		fmt.Fprintf(&b, "<tr><td>%d</td><td>%.2f</td><td>%.2f</td></tr>", p.Step, p.Reward, p.Recent)
	}
	b.WriteString("</table>")
	return map[string]any{"text/plain": t.String(), "text/html": b.String()}
}

// Recent is the mean reward of the last episodes (1 or more) of training that were over by a step; NaN without any.
func (t *Training) Recent(episodes, step int) float64 {
	past := 0
	for past < len(t.Ends) && t.Ends[past] <= step {
		past++
	}
	return mean(t.Sums[max(0, past-episodes):past])
}

// mean is the mean of values; NaN of none.
func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// journal is what every algorithm writes as it learns: its episodes, its evaluations, its best policy.
type journal struct {
	common   *Common
	training *Training
	exam     *exam
	next     int // the step of the next evaluation
	best     [2]map[string]*eager.Tensor
}

// speaking lets only one Each run at a time, also where several seeds learn at once.
var speaking sync.Mutex

// open checks the shared settings and begins a journal. value may be nil.
func (c *Common) open(algorithm string, fresh func() Env, seed int, policy, value nn.Layer) *journal {
	c.check(algorithm, fresh, seed)
	j := &journal{common: c, next: c.every(), training: &Training{Algorithm: algorithm, Seed: seed, Policy: policy, Value: value}}
	j.exam = newExam(algorithm, fresh, c.examples(), seed)
	return j
}

// check panics where no algorithm could go on. Train calls it before it uses fresh.
func (c *Common) check(algorithm string, fresh func() Env, seed int) {
	fail := func(format string, values ...any) {
		panic(&eager.Error{Op: algorithm + ".Train", Text: fmt.Sprintf(format, values...)})
	}
	switch {
	case fresh == nil:
		fail("wants a function that makes environments, such as rl.Maker(\"CartPole-v1\"), not nil")
	case seed < 0:
		fail("the seed is %d: wants 0 or more", seed)
	case c.Steps < 1:
		fail("Steps is %d: wants 1 or more", c.Steps)
	case !(c.Gamma >= 0 && c.Gamma <= 1):
		fail("Gamma is %v: wants 0 to 1", c.Gamma)
	case c.EvalEvery < 0 || c.EvalEpisodes < 0:
		fail("EvalEvery is %d and EvalEpisodes is %d: wants 0 or more", c.EvalEvery, c.EvalEpisodes)
	}
}

func (c *Common) every() int {
	if c.EvalEvery > 0 {
		return c.EvalEvery
	}
	return max(1, c.Steps/20)
}

func (c *Common) examples() int {
	if c.EvalEpisodes > 0 {
		return c.EvalEpisodes
	}
	return 10
}

// ended notes an episode of training that was over after a step.
func (j *journal) ended(step int, reward float64) {
	j.training.Ends, j.training.Sums = append(j.training.Ends, step), append(j.training.Sums, reward)
}

// at tells how many steps were made, and evaluates where it is time to.
func (j *journal) at(step int) {
	j.training.Steps = step
	if step >= j.next {
		j.evaluate()
		for every := j.common.every(); j.next <= step; {
			j.next += every
		}
	}
}

// evaluate adds a Point and keeps the policy where it is the best so far.
func (j *journal) evaluate() {
	t := j.training
	p := Point{Seed: t.Seed, Step: t.Steps, Reward: j.exam.mean(t.Policy), Recent: t.Recent(100, t.Steps)}
	if len(t.Curve) == 0 || p.Reward >= t.Best.Reward {
		t.Best = p
		j.best[0] = nn.State(t.Policy)
		if t.Value != nil {
			j.best[1] = nn.State(t.Value)
		}
	}
	t.Curve = append(t.Curve, p)
	if j.common.Each != nil {
		speaking.Lock()
		defer speaking.Unlock()
		j.common.Each(p)
	}
}

// close evaluates the last policy, puts the best one back and ends the journal.
func (j *journal) close() *Training {
	t := j.training
	if len(t.Curve) == 0 || t.Curve[len(t.Curve)-1].Step < t.Steps {
		j.evaluate()
	}
	for i, layer := range []nn.Layer{t.Policy, t.Value} {
		if layer == nil {
			continue
		}
		if err := nn.LoadState(layer, j.best[i]); err != nil {
			panic("internal error: " + err.Error())
		}
	}
	return t
}

// exam plays episodes with the likeliest actions, all of them at once, so that the network runs once for a step of all.
type exam struct {
	envs  []Env
	heads *head
	size  int
	seed  int // of the first environment at the first time; then Keep
}

// examSeed is by how much the seeds of an exam are beyond those of the training, whose environments have other episodes.
const examSeed = 1 << 20

func newExam(op string, fresh func() Env, episodes, seed int) *exam {
	e := &exam{seed: seed + examSeed}
	for range episodes {
		e.envs = append(e.envs, fresh())
	}
	e.size = e.envs[0].ObservationSpace().Size()
	e.heads = newHead(op, e.envs[0].ActionSpace())
	return e
}

// examLimit is how many steps an episode of an exam has at most: a policy may walk in circles, and not every environment
// has a limit of its own.
const examLimit = 10_000

// mean is the mean reward of one episode in each environment. Observations are NaN or short only by a fault of the
// environment, which CheckEnv finds.
func (e *exam) mean(policy nn.Layer) float64 {
	states, playing := make([][]float32, len(e.envs)), make([]int, len(e.envs))
	for i, env := range e.envs {
		seed := Keep
		if e.seed != Keep {
			seed = e.seed + i
		}
		states[i], _ = env.Reset(seed)
		playing[i] = i
	}
	e.seed = Keep
	sum := 0.0
	for step := 0; len(playing) > 0 && step < examLimit; step++ {
		batch := make([]float32, 0, len(playing)*e.size)
		for _, i := range playing {
			batch = append(batch, states[i]...)
		}
		actions := e.heads.choose(policy.Forward, batch, len(playing), nil)
		for k, i := range playing {
			next, reward, terminated, truncated, _ := e.envs[i].Step(actions[k])
			sum += reward
			if states[i] = next; terminated || truncated {
				playing[k] = -1
			}
		}
		playing = slices.DeleteFunc(playing, func(i int) bool { return i < 0 })
	}
	return sum / float64(len(e.envs))
}
