// Package suite tests what every compiled machine promises to programs written
// for Gorgonia: that they change one line. Each machine's own tests run it.
package suite

import (
	"io"
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// Settings are those that a machine's Config has.
type Settings struct {
	Strict, Watch bool
	Log           io.Writer
}

// Maker makes machines: the Config of a kind of machine.
type Maker interface {
	vm.Backend
	New(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) vm.DropIn
}

// Machine is the kind of machine under test.
type Machine struct {
	With func(Settings) Maker
	Slow bool // an emulator: a tenth of the random graphs have to do
}

// seeds is how many random graphs to try, of so many on a fast machine.
func (on Machine) seeds(n uint64) uint64 {
	if on.Slow {
		return (n + 9) / 10
	}
	return n
}

// New makes a machine by the default settings.
func (on Machine) New(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) vm.DropIn {
	return on.With(Settings{}).New(g, opts...)
}

// Compile makes a machine of a program by the default settings.
func (on Machine) Compile(p *graph.Program) (vm.Machine, error) {
	return on.With(Settings{}).Compile(p)
}

// Run runs every test on a kind of machine.
func Run(t *testing.T, on Machine) {
	for _, c := range []struct {
		name string
		test func(Machine, *testing.T)
	}{
		{"ProgramsChangeOneLine", Machine.programsChangeOneLine},
		{"ThePlanAndThePlacesOfValuesCanBePrinted", Machine.thePlanAndThePlacesOfValuesCanBePrinted},
		{"NoOptionEndsAProgram", Machine.noOptionEndsAProgram},
		{"ALoggerIsToldWhatIsWatched", Machine.aLoggerIsToldWhatIsWatched},
		{"ALoggerIsToldOfAGradientWithin", Machine.aLoggerIsToldOfAGradientWithin},
		{"APrecompiledPartOfAGraphIsRun", Machine.aPrecompiledPartOfAGraphIsRun},
		{"TheWholeGraphPrecompiledIsRun", Machine.theWholeGraphPrecompiledIsRun},
		{"ABLASThatIsNotCalledIsReported", Machine.aBLASThatIsNotCalledIsReported},
		{"ANodeWithinHasItsGradient", Machine.aNodeWithinHasItsGradient},
		{"AGradientThatIsNotPublishedSaysHowToAskForIt", Machine.aGradientThatIsNotPublishedSaysHowToAskForIt},
		{"ValuesAreOfGorgoniasKind", Machine.valuesAreOfGorgoniasKind},
		{"ValuesHaveTheEngineThatTheProgramAsksFor", Machine.valuesHaveTheEngineThatTheProgramAsksFor},
		{"ATensorOfShapeScalarIsALearnable", Machine.aTensorOfShapeScalarIsALearnable},
		{"WatchNamesTheNode", Machine.watchNamesTheNode},
		{"MalformedProgramsAreErrors", Machine.malformedProgramsAreErrors},
		{"FaultsAreReportedAndComputedRight", Machine.faultsAreReportedAndComputedRight},
		{"LetAndSetBindValues", Machine.letAndSetBindValues},
		{"AValueThatAUserKeptIsNotChangedByALaterRun", Machine.aValueThatAUserKeptIsNotChangedByALaterRun},
		{"ASetStatementHoldsFromTheNextRunOn", Machine.aSetStatementHoldsFromTheNextRunOn},
		{"AReadFillsOneValueThatIsTheProgramsOwn", Machine.aReadFillsOneValueThatIsTheProgramsOwn},
		{"AReadWithoutADestinationIsAnErrorThatNamesTheNode", Machine.aReadWithoutADestinationIsAnErrorThatNamesTheNode},
		{"AReadWithinTheBackwardPassGetsItsValue", Machine.aReadWithinTheBackwardPassGetsItsValue},
		{"ASliceCanBeLetBetweenRuns", Machine.aSliceCanBeLetBetweenRuns},
		{"SlicesMoveInEveryRun", Machine.slicesMoveInEveryRun},
		{"ASliceThatDoesNotFitIsAnError", Machine.aSliceThatDoesNotFitIsAnError},
		{"AnOpThatIsSwitchedMeansSomethingElseInTheNextRun", Machine.anOpThatIsSwitchedMeansSomethingElseInTheNextRun},
		{"EachMachineOfAGraphTrainsOrEvaluatesForItself", Machine.eachMachineOfAGraphTrainsOrEvaluatesForItself},
		{"ScalarsAreInputsOutputsAndLearnables", Machine.scalarsAreInputsOutputsAndLearnables},
		{"MachinesThatAreClosedLeaveNoGoroutine", Machine.machinesThatAreClosedLeaveNoGoroutine},
		{"MachinesOfSeveralGraphsRunAtOnce", Machine.machinesOfSeveralGraphsRunAtOnce},
		{"AnInputOfIntegersNamesRows", Machine.anInputOfIntegersNamesRows},
		{"WhatIsNoFloatRunsToo", Machine.whatIsNoFloatRunsToo},
		{"StatementsAndWatchesTakeEveryType", Machine.statementsAndWatchesTakeEveryType},
		{"WhatAHostOpOfAnotherTypeGetsWrongIsAnError", Machine.whatAHostOpOfAnotherTypeGetsWrongIsAnError},
		{"WhatCannotRunIsAnErrorThatSaysSo", Machine.whatCannotRunIsAnErrorThatSaysSo},
		{"BoundGradientsAddUpUntilTheSolverTakesThem", Machine.boundGradientsAddUpUntilTheSolverTakesThem},
		{"UnboundGradientsAreThoseOfTheLastRun", Machine.unboundGradientsAreThoseOfTheLastRun},
		{"WhatACallerFedIsNeverWritten", Machine.whatACallerFedIsNeverWritten},
		{"WhatACallerBoundIsNeverWritten", Machine.whatACallerBoundIsNeverWritten},
		{"LetBindsByReference", Machine.letBindsByReference},
		{"ATransposedViewIsAnInput", Machine.aTransposedViewIsAnInput},
		{"AnInputThatNoCostReachesHasNoGradient", Machine.anInputThatNoCostReachesHasNoGradient},
		{"NodesAddedLaterAreNotRun", Machine.nodesAddedLaterAreNotRun},
		{"ARunThatFailedCanBeRunAgain", Machine.aRunThatFailedCanBeRunAgain},
		{"AProgramsMachineThatAnotherGoroutineIsInSaysSo", Machine.aProgramsMachineThatAnotherGoroutineIsInSaysSo},
		{"ARunThatAWatchStoppedIsNotTakenForDone", Machine.aRunThatAWatchStoppedIsNotTakenForDone},
		{"AMachineThatAnotherGoroutineIsInSaysSo", Machine.aMachineThatAnotherGoroutineIsInSaysSo},
		{"AProfileOfAMachineThatIsClosedMeanwhileIsAnError", Machine.aProfileOfAMachineThatIsClosedMeanwhileIsAnError},
		{"AProfileOfAMachineThatPlansAnewMeanwhileIsAnError", Machine.aProfileOfAMachineThatPlansAnewMeanwhileIsAnError},
		{"RandomGorgoniaGraphsAreRightNodeByNodeAndAsPlanned", Machine.randomGorgoniaGraphsAreRightNodeByNodeAndAsPlanned},
		{"RandomGorgoniaGraphsHaveTheGradientsOfTheTapeMachine", Machine.randomGorgoniaGraphsHaveTheGradientsOfTheTapeMachine},
		{"GorgoniasExampleNetsTrainToTheSameNumbers", Machine.gorgoniasExampleNetsTrainToTheSameNumbers},
		{"TheConvnetLearnsWithGorgoniasDropoutWhoseGradientIsAKnownFault", Machine.theConvnetLearnsWithGorgoniasDropoutWhoseGradientIsAKnownFault},
		{"WithoutTrainingDropoutDoesNothingOnEitherMachine", Machine.withoutTrainingDropoutDoesNothingOnEitherMachine},
		{"ADenoiserLearnsWithGorgoniasRandomNode", Machine.aDenoiserLearnsWithGorgoniasRandomNode},
		{"ProgramsOfAllKindsGiveTheSameNumbers", Machine.programsOfAllKindsGiveTheSameNumbers},
		{"APartOfAGraphRunsByItself", Machine.aPartOfAGraphRunsByItself},
		{"AnOpWithoutALoweringRunsOnTheHost", Machine.anOpWithoutALoweringRunsOnTheHost},
		{"WhatAHostOpGetsWrongIsAnErrorThatNamesTheNode", Machine.whatAHostOpGetsWrongIsAnErrorThatNamesTheNode},
		{"WhatADoWritesIntoItsOperandIsSeen", Machine.whatADoWritesIntoItsOperandIsSeen},
		{"StrictRefusesTheHostByName", Machine.strictRefusesTheHostByName},
		{"StrictTakesEveryElementwiseOpOfGorgonia", Machine.strictTakesEveryElementwiseOpOfGorgonia},
		{"AnOwnGorgoniaOpThatSaysHowItLowersLeavesTheHost", Machine.anOwnGorgoniaOpThatSaysHowItLowersLeavesTheHost},
		{"WatchNamesTheNodeInWhichNaNAroseAndUndoesTheStep", Machine.watchNamesTheNodeInWhichNaNAroseAndUndoesTheStep},
		{"AStepThatIsUndoneDrawsTheSameNumbersAgain", Machine.aStepThatIsUndoneDrawsTheSameNumbersAgain},
		{"APartThatReadsLaterReadsTheOldValueOfAParameter", Machine.aPartThatReadsLaterReadsTheOldValueOfAParameter},
		{"WatchLooksAtOutputs", Machine.watchLooksAtOutputs},
		{"WatchNamesAnInputThatIsNotFinite", Machine.watchNamesAnInputThatIsNotFinite},
		{"WatchOfAStockGraphNamesTheNode", Machine.watchOfAStockGraphNamesTheNode},
		{"ModelsTrainAsOnTheTapeMachine", Machine.modelsTrainAsOnTheTapeMachine},
		{"RandomGraphsEqualTheTapeMachine", Machine.randomGraphsEqualTheTapeMachine},
		{"WatchingChangesNoBits", Machine.watchingChangesNoBits},
		{"VerifyFindsNothingWrongWithTheModels", Machine.verifyFindsNothingWrongWithTheModels},
		{"VerifyNamesTheFirstNodeThatDiffers", Machine.verifyNamesTheFirstNodeThatDiffers},
		{"VerifyChecksGorgoniasGraphs", Machine.verifyChecksGorgoniasGraphs},
		{"VerifyFindsNothingWrongWithRandomGraphs", Machine.verifyFindsNothingWrongWithRandomGraphs},
		{"GradientsThatGorgoniaGetsWrongAreRight", Machine.gradientsThatGorgoniaGetsWrongAreRight},
		{"WhatIsNotWhatItLooksLikeIsReportedAndLogged", Machine.whatIsNotWhatItLooksLikeIsReportedAndLogged},
		{"RowsAreTakenByIndicesInAKernel", Machine.rowsAreTakenByIndicesInAKernel},
		{"AnIndexOutOfRangeIsAnErrorThatNamesIt", Machine.anIndexOutOfRangeIsAnErrorThatNamesIt},
		{"OperandsThatAnOpDoesNotLookAtAreLookedAt", Machine.operandsThatAnOpDoesNotLookAtAreLookedAt},
		{"WhatGorgoniaGetsWrongIsRight", Machine.whatGorgoniaGetsWrongIsRight},
		{"AGradientOfOneIsNotTheConstantOfAllGraphs", Machine.aGradientOfOneIsNotTheConstantOfAllGraphs},
		{"AGradientThatIsNotSelectedIsZero", Machine.aGradientThatIsNotSelectedIsZero},
		{"ImagesHaveSelectedGradientsToo", Machine.imagesHaveSelectedGradientsToo},
		{"VerifyTakesAGradientThatIsZeroByMathematicsForRight", Machine.verifyTakesAGradientThatIsZeroByMathematicsForRight},
		{"VerifyTakesRoundingsThatCancelForRight", Machine.verifyTakesRoundingsThatCancelForRight},
		{"VerifyNamesTheWeightInFewWords", Machine.verifyNamesTheWeightInFewWords},
		{"VerifySaysThatItIsThePlanWhereEveryNodeAloneIsRight", Machine.verifySaysThatItIsThePlanWhereEveryNodeAloneIsRight},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(on.closing(t), t) })
	}
}
